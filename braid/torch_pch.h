// The one precompiled header of the tree: tensors, autograd, and the standard headers most files
// use. Sources still include what they use; this only makes those includes free.
#pragma once

#include <torch/csrc/autograd/custom_function.h>
#include <torch/types.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>
