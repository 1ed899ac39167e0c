# valence::blst: BLS12-381, built from the C and assembly sources that the npm package c-kzg ships (Debian has no blst).
# Field arithmetic is assembly; the variant for the CPU is chosen at run time (__BLST_PORTABLE__).
#
# scripts/setup installs everything that package.json names; where it has not run, the one package the build needs is
# installed into build/, in the version pinned there.
set(CKZG_DIR ${PROJECT_SOURCE_DIR}/node_modules/c-kzg)
if(NOT EXISTS ${CKZG_DIR}/deps/blst/src/server.c)
    file(READ ${PROJECT_SOURCE_DIR}/package.json package_json)
    string(JSON version GET ${package_json} dependencies c-kzg)
    set(prefix ${PROJECT_SOURCE_DIR}/build/npm/c-kzg-${version})
    set(CKZG_DIR ${prefix}/node_modules/c-kzg)
    if(NOT EXISTS ${CKZG_DIR}/deps/blst/src/server.c)
        message(STATUS "Installing c-kzg ${version} from npm")
        file(MAKE_DIRECTORY ${prefix})
        execute_process(COMMAND npm install --prefix ${prefix} --ignore-scripts --no-audit --no-fund --loglevel=error
                                c-kzg@${version}
                        WORKING_DIRECTORY ${prefix} RESULT_VARIABLE status OUTPUT_QUIET)
        if(NOT status EQUAL 0 OR NOT EXISTS ${CKZG_DIR}/deps/blst/src/server.c)
            message(FATAL_ERROR "c-kzg ${version} is neither in node_modules nor to be had from npm: run scripts/setup")
        endif()
    endif()
endif()

enable_language(ASM)
add_library(blst STATIC ${CKZG_DIR}/deps/blst/src/server.c ${CKZG_DIR}/deps/blst/build/assembly.S)
add_library(valence::blst ALIAS blst)
target_compile_definitions(blst PRIVATE __BLST_PORTABLE__)
target_compile_options(blst PRIVATE -w -fno-builtin)
target_include_directories(blst SYSTEM INTERFACE ${CKZG_DIR}/deps/blst/bindings)
