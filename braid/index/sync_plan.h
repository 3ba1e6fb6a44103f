// What must change for an index to hold the files of a folder, and nothing else of it.
//
// An item of a folder has the file's path in the folder as its key, and as metadata
//   {"path": "a/b.jpg", "folder": "a", "sync": {"size": 4711, "modified_ns": ..., "hash": "..."}}
// Other items of the index are left alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "braid/index/index.h"

namespace braid {

struct FolderFile {
  std::string key;  // path in the folder, with slashes
  std::filesystem::path path;
  int64_t size = 0;
  int64_t modified_ns = 0;
  std::string hash;  // of the content; "" while nobody needed it
};

struct FolderScan {
  std::vector<FolderFile> files;     // by key
  int64_t ignored = 0;               // files of other kinds; hidden ones are not counted
  std::vector<std::string> unnamed;  // paths that are not UTF-8, so cannot be keys
};

// Throws Error(kNotFound), Error(kInput) for what is no folder.
void require_folder(const std::filesystem::path& folder);

// Regular files below `folder` whose extension is among `extensions` (".jpg", lower case; none: all
// files), also through links to files; hidden files and folders are left out. Throws as
// require_folder does, and Error(kIo) for a folder that cannot be listed: half a list would look
// like files that are gone.
FolderScan scan_folder(const std::filesystem::path& folder,
                       const std::vector<std::string>& extensions);

struct SyncPlan {
  std::vector<FolderFile> added, changed;  // to be embedded
  std::vector<IndexItem> touched;          // same content, other time or place: new metadata only
  std::vector<std::string> removed;        // keys
  int64_t unchanged = 0;
  int64_t known = 0;  // items of the folder in the index before
};

// A file of the recorded size and time is taken as unchanged, unless `thorough`; of one of the same
// size and another time the content is compared by its hash. `path` is the index's folder. Throws
// Error(kState) for a key that the index has from elsewhere.
SyncPlan plan_sync(const Index& index, const std::filesystem::path& path, const FolderScan& scan,
                   bool thorough);

// The item of a file whose `hash` is known; its vector is left empty.
IndexItem synced_item(const FolderFile& file, const std::string& field,
                      const std::filesystem::path& index);

}  // namespace braid
