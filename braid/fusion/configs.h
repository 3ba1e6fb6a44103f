// The config structs of every fusion in all.def. Torch-free.
#pragma once

#include "braid/fusion/bilinear.h"
#include "braid/fusion/bottleneck.h"
#include "braid/fusion/deep_set.h"
#include "braid/fusion/feature_concat.h"
#include "braid/fusion/feature_map.h"
#include "braid/fusion/film.h"
#include "braid/fusion/gated.h"
#include "braid/fusion/low_rank_tensor.h"
#include "braid/fusion/mean.h"
#include "braid/fusion/modality_attention.h"
#include "braid/fusion/product.h"
#include "braid/fusion/sum.h"
#include "braid/fusion/vector_concat.h"
