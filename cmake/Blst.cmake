# valence::blst: BLS12-381, built from the C and assembly sources that the npm package c-kzg ships (Debian has no blst).
# Field arithmetic is assembly; the variant for the CPU is chosen at run time (__BLST_PORTABLE__).
include(NpmPackage)
valence_npm_package(c-kzg dependencies deps/blst/src/server.c CKZG_DIR)

enable_language(ASM)
add_library(blst STATIC ${CKZG_DIR}/deps/blst/src/server.c ${CKZG_DIR}/deps/blst/build/assembly.S)
add_library(valence::blst ALIAS blst)
target_compile_definitions(blst PRIVATE __BLST_PORTABLE__)
target_compile_options(blst PRIVATE -w -fno-builtin)
target_include_directories(blst SYSTEM INTERFACE ${CKZG_DIR}/deps/blst/bindings)
