// libbraid.so, loaded when a verb computes: the program itself starts without libtorch.
#pragma once

#include <filesystem>

#include "braid/engine/api.h"
#include "braid/study/study_api.h"

namespace braid {

// Looks beside the program (../lib, ../lib/<triplet>) and then where the system looks. Sets what
// libtorch reads at load time (capability) unless the user has. Throws Error(kNotFound),
// Error(kState).
EngineApi& engine();
StudyApi& study();
bool engine_loaded();

// The program that runs, for verbs that start it again.
std::filesystem::path this_program();

}  // namespace braid
