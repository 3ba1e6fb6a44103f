#include "braid/run/run_directory.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include <nlohmann/json.hpp>

#include "braid/core/error.h"
#include "braid/core/file.h"

namespace braid {
namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

std::string step_name(const char* prefix, int64_t step) {
  char text[64];
  std::snprintf(text, sizeof text, "%s-%012lld", prefix, static_cast<long long>(step));
  return text;
}

Json read_json(const fs::path& path) {
  try {
    return Json::parse(read_text(path, 1 << 20));
  } catch (const Json::exception& problem) {
    throw Error(ErrorCode::kInput, path.string() + ": not what a run writes: " + problem.what());
  }
}

TrainPosition read_position(const fs::path& path) {
  const auto json = read_json(path);
  try {
    return {json.at("step"),
            json.at("epoch"),
            json.at("batch"),
            json.at("elapsed_s"),
            json.at("best"),
            json.at("best_step"),
            json.at("worse"),
            json.at("done"),
            json.at("threads"),
            json.at("capability"),
            json.value("device", "cpu"),  // older runs know no other
            json.value("precision", "fp32")};
  } catch (const Json::exception& problem) {
    throw Error(ErrorCode::kInput, path.string() + ": " + problem.what());
  }
}

std::string position_json(const TrainPosition& p) {
  const Json json = {{"step", p.step},       {"epoch", p.epoch},
                     {"batch", p.batch},     {"elapsed_s", p.elapsed_s},
                     {"best", p.best},       {"best_step", p.best_step},
                     {"worse", p.worse},     {"done", p.done},
                     {"threads", p.threads}, {"capability", p.capability},
                     {"device", p.device},   {"precision", p.precision}};
  return json.dump(2) + "\n";
}

}  // namespace

RunDirectory RunDirectory::create(const fs::path& path) {
  std::error_code ignored;
  if (fs::exists(path / "run.json", ignored)) {
    throw Error(ErrorCode::kState,
                path.string() + ": holds a run already; continue it with `braid train --resume " +
                    path.string() + "` or choose another -o");
  }
  // state/ comes first and run.json last: one without the other is a start that was cut short, and
  // begins anew.
  const bool cut_short = fs::is_directory(path / "state", ignored);
  if (fs::exists(path, ignored) && !fs::is_empty(path, ignored) && !cut_short) {
    throw Error(ErrorCode::kState, path.string() + ": exists and is not empty; choose another -o");
  }
  make_folder(path / "state");
  return RunDirectory(path);
}

RunDirectory RunDirectory::open(const fs::path& path) {
  std::error_code ignored;
  if (!fs::exists(path / "run.json", ignored)) {
    throw Error(ErrorCode::kNotFound,
                path.string() + ": is no run (no run.json there); `braid train RECIPE -o " +
                    path.string() + "` makes one");
  }
  return RunDirectory(path);
}

fs::path RunDirectory::best(int64_t step) const {
  return path_ / "state" / (step_name("best", step) + ".safetensors");
}

void RunDirectory::write_stamp(const RunStamp& s) const {
  const Json json = {{"format", 1},
                     {"id", s.id},
                     {"name", s.name},
                     {"version", s.version},
                     {"data_hash", s.data_hash},
                     {"licence", s.licence},
                     {"weights_hash", s.weights_hash},
                     {"seed", s.seed},
                     {"finished", s.finished}};
  write_atomic(path_ / "run.json", json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n");
}

RunStamp RunDirectory::stamp() const {
  const auto file = path_ / "run.json";
  const auto json = read_json(file);
  try {
    if (json.at("format") != 1) {
      throw Error(ErrorCode::kState, file.string() + ": format " + json.at("format").dump() +
                                         ", this braid reads format 1");
    }
    return {json.at("id"),      json.at("name"),         json.at("version"), json.at("data_hash"),
            json.at("licence"), json.at("weights_hash"), json.at("seed"),    json.at("finished")};
  } catch (const Json::exception& problem) {
    throw Error(ErrorCode::kInput, file.string() + ": " + problem.what());
  }
}

std::vector<fs::path> RunDirectory::checkpoints() const {
  std::vector<fs::path> found;
  std::error_code problem;
  for (const auto& entry : fs::directory_iterator(path_ / "state", problem)) {
    const auto name = entry.path().filename().string();
    if (name.starts_with("step-") && name.find('.') == std::string::npos)
      found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());  // zero-padded: by step
  return found;
}

void RunDirectory::write_checkpoint(const Checkpoint& checkpoint, int64_t keep) const {
  const auto final_path = path_ / "state" / step_name("step", checkpoint.position.step);
  if (fs::exists(final_path)) {
    // An interrupt right after a checkpoint: the weights of a step are the same, the position may
    // know more.
    write_atomic(final_path / "trainer.json", position_json(checkpoint.position));
    return prune(checkpoint.position, keep);
  }
  const auto temporary = fs::path(final_path.string() + ".tmp");
  fs::remove_all(temporary);
  make_folder(temporary);
  write_safetensors(temporary / "model.safetensors", checkpoint.model);
  write_safetensors(temporary / "optimizer.safetensors", checkpoint.optimizer);
  if (!checkpoint.average.tensors.empty())
    write_safetensors(temporary / "average.safetensors", checkpoint.average);
  if (!checkpoint.negatives.tensors.empty())
    write_safetensors(temporary / "negatives.safetensors", checkpoint.negatives);
  write_atomic(temporary / "trainer.json", position_json(checkpoint.position));
  std::error_code problem;
  fs::rename(temporary, final_path, problem);
  if (problem)
    throw Error(ErrorCode::kIo,
                final_path.string() + ": cannot rename into place: " + problem.message());
  sync_path(path_ / "state");
  prune(checkpoint.position, keep);
}

void RunDirectory::prune(const TrainPosition& position, int64_t keep) const {
  auto all = checkpoints();
  std::error_code ignored;
  while (static_cast<int64_t>(all.size()) > keep) {
    fs::remove_all(all.front(), ignored);
    all.erase(all.begin());
  }
  std::vector<fs::path> needed;
  for (const auto& path : all) {
    const auto at = path == all.back() ? position : read_position(path / "trainer.json");
    needed.push_back(best(at.best_step));
  }
  std::vector<fs::path> stale;
  for (const auto& entry : fs::directory_iterator(path_ / "state", ignored)) {
    const bool is_best = entry.path().filename().string().starts_with("best-");
    if (is_best && std::find(needed.begin(), needed.end(), entry.path()) == needed.end())
      stale.push_back(entry.path());
  }
  for (const auto& path : stale) fs::remove(path, ignored);
}

std::optional<Checkpoint> RunDirectory::newest_checkpoint() const {
  const auto all = checkpoints();
  if (all.empty()) return std::nullopt;
  const auto& path = all.back();
  Checkpoint checkpoint{read_position(path / "trainer.json"),
                        read_safetensors(path / "model.safetensors"),
                        read_safetensors(path / "optimizer.safetensors"),
                        {},
                        {}};
  if (fs::exists(path / "average.safetensors"))
    checkpoint.average = read_safetensors(path / "average.safetensors");
  if (fs::exists(path / "negatives.safetensors"))
    checkpoint.negatives = read_safetensors(path / "negatives.safetensors");
  return checkpoint;
}

RunLock::RunLock(const RunDirectory& run) {
  const auto path = run.path() / "state" / "lock";
  fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (fd_ < 0)
    throw Error(ErrorCode::kIo, path.string() + ": cannot open: " + std::strerror(errno));
  if (::flock(fd_, LOCK_EX | LOCK_NB) != 0) {
    ::close(fd_);
    throw Error(ErrorCode::kState, run.path().string() + ": another process is training this run");
  }
}

RunLock::~RunLock() { ::close(fd_); }

}  // namespace braid
