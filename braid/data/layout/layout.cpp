#include "braid/data/layout/layout.h"

#include <cctype>
#include <unordered_set>

#include "braid/core/error.h"
#include "braid/core/file.h"
#include "braid/core/text.h"
#include "braid/data/layout/file_tree.h"
#include "braid/data/layout/json_lists.h"
#include "braid/data/layout/manifest.h"
#include "braid/data/layout/tree_columns.h"
#include "braid/data/layout/vqa_names.h"
#include "braid/data/list_folder.h"
#include "braid/data/pattern.h"
#include "braid/core/reference.h"

namespace braid {

#define BRAID_LAYOUT(name, help) std::unique_ptr<Table> make_##name(const TableInput& input);
#include "braid/data/layout/layouts.def"
#undef BRAID_LAYOUT

std::unique_ptr<Table> make_manifest(const TableInput& input) {
  return std::make_unique<Manifest>(input);
}

namespace {

namespace fs = std::filesystem;

struct LayoutMember {
  const char* name;
  std::unique_ptr<Table> (*make)(const TableInput&);
};

constexpr LayoutMember kLayouts[] = {
#define BRAID_LAYOUT(name, help) {#name, &make_##name},
#include "braid/data/layout/layouts.def"
#undef BRAID_LAYOUT
};

std::string lower_extension(const fs::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return extension;
}

bool is_manifest_name(const fs::path& path) {
  const auto extension = lower_extension(path);
  return extension == ".jsonl" || extension == ".ndjson" || extension == ".csv" ||
         extension == ".tsv";
}

// COCO has annotations, Karpathy sentences in the images themselves, VQA questions, or annotations
// of them. A file of rows, one a line, may be called .json too.
std::string layout_of_json(const fs::path& path) {
  const auto text = read_text(path, kMaxJsonBytes);
  const auto first_line = std::string_view(text).substr(0, text.find('\n'));
  std::string found;
  try {
    visit_json_lists(text, path.string(), [&](const std::string& list, const Row& element) {
      if (list == "questions") found = "vqa";
      if (list == "annotations") found = has_key(element, "question_id") ? "vqa" : "coco";
      if (list == "images") found = has_key(element, "sentences") ? "karpathy" : "coco";
      return found.empty();
    });
  } catch (const Error&) {
    if (!trim(first_line).ends_with('}')) throw;  // else lines of objects, which is no one JSON
  }
  return found.empty() ? "manifest" : found;
}

std::string layout_of_file(const fs::path& path) {
  const auto name = path.string();
  if (is_tar_name(name)) return "shards";
  if (is_array_name(name)) return "arrays";
  if (lower_extension(path) == ".parquet") {
    throw Error(ErrorCode::kInput,
                name +
                    ": Parquet is not read (Debian 12 has no library for it); turn it into "
                    "JSONL, for example: python3 -c \"import pandas; "
                    "pandas.read_parquet('in.parquet').to_json('out.jsonl', "
                    "orient='records', lines=True)\"");
  }
  if (lower_extension(path) == ".json") return layout_of_json(path);
  return "manifest";
}

// A folder whose files stand for themselves. One pair is enough to expect pairs: what lacks its
// half is then named.
std::string layout_of_tree(const fs::path& folder) {
  const FileTree tree(folder);
  std::unordered_set<std::string_view> media;
  bool at_top = false;
  for (size_t i = 0; i < tree.size(); ++i) {
    const auto name = tree.name(i);
    if (media_column(name).empty()) continue;
    media.insert(stem_of(name));
    at_top |= name.find('/') == name.npos;
  }
  for (size_t i = 0; i < tree.size(); ++i) {
    const auto name = tree.name(i);
    if (name.ends_with(".txt") && media.contains(stem_of(name))) return "pairs";
  }
  if (!media.empty() && !at_top) return "classes";
  throw Error(
      ErrorCode::kInput,
      folder.string() + ": cannot tell its layout: " +
          (!media.empty() ? "pictures at its top, but no .txt beside them" : "no pictures in it") +
          "; expected one manifest, tars, pictures with .txt of the same name, or a "
          "folder of pictures for each class (data.layout says which)");
}

// The tables that a folder stands for: its tars, its one manifest, its files of questions, or the
// folder itself.
std::vector<fs::path> tables_in(const fs::path& folder, const std::string& layout) {
  std::vector<fs::path> tars, manifests, questions;
  for (const auto& entry : list_folder(folder)) {
    if (is_tar_name(entry.path().string())) tars.push_back(entry.path());
    if (is_manifest_name(entry.path())) manifests.push_back(entry.path());
    if (is_open_questions_name(entry.path().filename().string())) questions.push_back(entry.path());
  }
  const bool any = layout == "auto";
  if (manifests.size() > 1 && (any || layout == "manifest")) {
    throw Error(ErrorCode::kInput, folder.string() + ": holds " + std::to_string(manifests.size()) +
                                       " manifests (" + manifests[0].filename().string() + ", " +
                                       manifests[1].filename().string() +
                                       (manifests.size() > 2 ? ", ..." : "") +
                                       "): name one, or one a split in data.files");
  }
  if (!manifests.empty() && (any || layout == "manifest")) return manifests;
  if (!tars.empty() && (any || layout == "shards")) return tars;
  if (!questions.empty() && (any || layout == "vqa")) return questions;
  return {folder};
}

Source make_source(fs::path path, const std::string& layout) {
  std::error_code problem;
  const auto status = fs::status(path, problem);
  if (status.type() == fs::file_type::not_found)
    throw Error(ErrorCode::kNotFound, path.string() + ": no such file or folder");
  const bool folder = fs::is_directory(status);
  std::string found = layout;
  if (layout == "auto") found = folder ? layout_of_tree(path) : layout_of_file(path);
  const bool needs_folder = found == "pairs" || found == "classes";
  if (folder != needs_folder) {
    throw Error(ErrorCode::kInput,
                path.string() + ": layout " + found + " needs a " +
                    (needs_folder ? "folder, got a file" : "file, got a folder"));
  }
  auto name = path.filename().string();
  if (name.empty()) name = path.parent_path().filename().string();  // "photos/"
  return {found, std::move(path), std::move(name)};
}

}  // namespace

std::vector<Source> find_sources(const std::string& text, const fs::path& base,
                                 const std::string& layout) {
  std::vector<Source> sources;
  std::error_code problem;
  const bool literal = fs::exists(base / text, problem);  // a name may hold braces
  const auto names = literal ? std::vector<std::string>{text} : expand_braces(text);
  for (const auto& name : names) {
    for (const auto& path : literal ? std::vector{base / name} : expand_stars(base / name)) {
      const bool folder = fs::is_directory(path, problem);
      for (const auto& table : folder ? tables_in(path, layout) : std::vector{path})
        sources.push_back(make_source(table, layout));
    }
  }
  return sources;
}

std::unique_ptr<Table> make_table(const std::string& layout, const TableInput& input) {
  for (const auto& member : kLayouts) {
    if (layout == member.name) return member.make(input);
  }
  throw Error(ErrorCode::kInternal, "no layout '" + layout + "'");
}

std::vector<std::string> layout_names() {
  std::vector<std::string> names;
  for (const auto& member : kLayouts) names.emplace_back(member.name);
  return names;
}

}  // namespace braid
