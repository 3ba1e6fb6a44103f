# Sources by folder: a new file needs no line here.
function(braid_sources variable)
  set(found)
  foreach(folder ${ARGN})
    file(GLOB_RECURSE files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/braid/${folder}/*.cpp)
    list(APPEND found ${files})
  endforeach()
  set(${variable} ${found} PARENT_SCOPE)
endfunction()

braid_sources(BRAID_BASE_SOURCES
  core kernel tensor_file metric index tokenizer modality data demo_data recipe report run)
braid_sources(BRAID_TORCH_SOURCES
  block space encoder head generate fusion alignment interaction task train engine study)
braid_sources(BRAID_CLI_SOURCES cli)
