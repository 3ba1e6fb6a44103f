// The config structs of every interaction in all.def. Torch-free.
#pragma once

#include "braid/interaction/bottleneck.h"
#include "braid/interaction/co_attention.h"
#include "braid/interaction/cross_attention.h"
#include "braid/interaction/resampler.h"
