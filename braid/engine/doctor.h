// `braid doctor`: the machine as the library sees it.
#pragma once

#include "braid/engine/api.h"

namespace braid {

Diagnosis diagnose();  // about two seconds: it measures

}  // namespace braid
