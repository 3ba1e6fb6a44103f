// The config structs of every encoder in all.def. Torch-free.
#pragma once

#include "braid/encoder/ast.h"
#include "braid/encoder/audio_cnn.h"
#include "braid/encoder/bag_of_tokens.h"
#include "braid/encoder/cnn.h"
#include "braid/encoder/ft_transformer.h"
#include "braid/encoder/table_mlp.h"
#include "braid/encoder/text_transformer.h"
#include "braid/encoder/vit.h"
