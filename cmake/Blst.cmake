# valence::blst: BLS12-381, built from the C and assembly sources that the npm package c-kzg ships (Debian has no blst).
# Field arithmetic is assembly; the variant for the CPU is chosen at run time (__BLST_PORTABLE__).
set(CKZG_DIR ${PROJECT_SOURCE_DIR}/node_modules/c-kzg)
if(NOT EXISTS ${CKZG_DIR}/deps/blst/src/server.c)
    # scripts/setup installs everything that package-lock.json pins; to build, the run-time dependencies suffice.
    message(STATUS "Installing the npm packages the build needs")
    execute_process(COMMAND npm ci --ignore-scripts --omit=dev --no-audit --no-fund --loglevel=error
                    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} RESULT_VARIABLE status OUTPUT_QUIET)
    if(NOT status EQUAL 0 OR NOT EXISTS ${CKZG_DIR}/deps/blst/src/server.c)
        message(FATAL_ERROR "${CKZG_DIR} is missing and `npm ci` could not bring it: run scripts/setup")
    endif()
endif()

enable_language(ASM)
add_library(blst STATIC ${CKZG_DIR}/deps/blst/src/server.c ${CKZG_DIR}/deps/blst/build/assembly.S)
add_library(valence::blst ALIAS blst)
target_compile_definitions(blst PRIVATE __BLST_PORTABLE__)
target_compile_options(blst PRIVATE -w -fno-builtin)
target_include_directories(blst SYSTEM INTERFACE ${CKZG_DIR}/deps/blst/bindings)
