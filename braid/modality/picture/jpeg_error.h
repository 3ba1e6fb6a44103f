// How libjpeg's errors and warnings become ours.
//
// libjpeg leaves on errors by longjmp, which runs no destructors: whatever owns memory lives
// outside `jpeg_step`, and the steps inside it hold plain values only.
#pragma once

#include <csetjmp>
#include <cstdio>  // jpeglib.h wants it

#include <jpeglib.h>

#include <string>

#include "braid/core/error.h"

namespace braid {

struct JpegErrors {
  jpeg_error_mgr manager{};
  std::jmp_buf leave{};
  char message[JMSG_LENGTH_MAX] = {};

  JpegErrors();
  JpegErrors(const JpegErrors&) = delete;
  JpegErrors& operator=(const JpegErrors&) = delete;
};

// Runs one step; an error of libjpeg inside it becomes an Error. `what` begins the message.
template <class Step>
void jpeg_step(JpegErrors& errors, const char* what, Step step) {
  if (setjmp(errors.leave)) throw Error(ErrorCode::kInput, std::string(what) + errors.message);
  step();
}

}  // namespace braid
