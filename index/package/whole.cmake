# SPDX-License-Identifier: MIT
# quire_whole(OBJECTS OUT): where it can be done, the objects of the library OBJECTS are optimised as a whole and become
# one, OUT, of machine code alone: a program is linked with it by any compiler, without link-time optimisation. OUT is
# empty where it cannot be done. Only builds of a type that is for use are; others keep an object for each source.
function(quire_whole objects out)
  set(${out} "" PARENT_SCOPE)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" type)
  if(NOT QUIRE_LTO OR CMAKE_CONFIGURATION_TYPES OR CMAKE_C_COMPILER_TARGET OR APPLE OR WIN32 OR
      NOT type MATCHES "^(RELEASE|RELWITHDEBINFO|MINSIZEREL)$")
    return()
  endif()
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    set(compile -flto -fno-fat-lto-objects)
    set(join -flto=auto -flinker-output=nolto-rel)
  else()
    set(compile -flto=thin)
    set(join -flto=thin)
  endif()
  separate_arguments(cc UNIX_COMMAND
    "\"${CMAKE_C_COMPILER}\" ${CMAKE_C_COMPILER_ARG1} ${CMAKE_C_FLAGS} ${CMAKE_C_FLAGS_${type}} -fPIC -ffp-contract=off")
  set(join ${cc} ${join} -r -nostdlib)

  # Two sources made one object must link, which what is not machine code would not.
  set(try ${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/quire_whole)
  file(WRITE ${try}/a.c "int qi_b(int);\nint qi_a(int);\nint qi_a(int x) { return qi_b(x) + 1; }\n")
  file(WRITE ${try}/b.c "int qi_b(int);\nint qi_b(int x) { return x * x; }\n")
  file(WRITE ${try}/main.c "int qi_a(int);\nint main(int n, char **v) { (void)v; return qi_a(n); }\n")
  set(done 1)
  foreach(command "${cc};${compile};-c;a.c;-o;a.o" "${cc};${compile};-c;b.c;-o;b.o" "${join};a.o;b.o;-o;ab.o"
      "${cc};-fno-lto;main.c;ab.o;-o;main")
    if(done)
      execute_process(COMMAND ${command} WORKING_DIRECTORY ${try} RESULT_VARIABLE result OUTPUT_QUIET ERROR_QUIET)
      if(NOT result STREQUAL "0")
        set(done 0)
      endif()
    endif()
  endforeach()
  if(NOT done)
    message(STATUS "The library is not optimised as a whole: the compiler cannot")
    return()
  endif()

  set(whole ${CMAKE_CURRENT_BINARY_DIR}/quire_whole.o)
  target_compile_options(${objects} PRIVATE ${compile})
  # What is shared by parts of the library on their way through the compiler is nobody's to see.
  set(hide)
  if(CMAKE_OBJCOPY)
    set(hide COMMAND ${CMAKE_OBJCOPY} --wildcard --keep-global-symbol=qi_* --keep-global-symbol=quire_* ${whole})
  endif()
  add_custom_command(OUTPUT ${whole} COMMAND ${join} $<TARGET_OBJECTS:${objects}> -o ${whole} ${hide}
    DEPENDS ${objects} $<TARGET_OBJECTS:${objects}> COMMAND_EXPAND_LISTS VERBATIM
    COMMENT "Optimising the library as a whole")
  add_custom_target(quire_whole DEPENDS ${whole})
  set_source_files_properties(${whole} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  set(${out} ${whole} PARENT_SCOPE)
endfunction()
