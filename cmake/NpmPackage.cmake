# valence_npm_package(NAME KIND MARKER OUT): sets OUT to the folder of an npm package that the build needs.
#   KIND    dependencies or devDependencies: where package.json pins its version
#   MARKER  a file that is there when the package is
#
# scripts/setup installs everything that package.json names; where it has not run, the one package is installed into
# build/, in the version pinned there.
function(valence_npm_package name kind marker out)
    set(folder ${PROJECT_SOURCE_DIR}/node_modules/${name})
    if(NOT EXISTS ${folder}/${marker})
        file(READ ${PROJECT_SOURCE_DIR}/package.json package_json)
        string(JSON version GET ${package_json} ${kind} ${name})
        set(prefix ${PROJECT_SOURCE_DIR}/build/npm/${name}-${version})
        set(folder ${prefix}/node_modules/${name})
        if(NOT EXISTS ${folder}/${marker})
            message(STATUS "Installing ${name} ${version} from npm")
            file(MAKE_DIRECTORY ${prefix})
            execute_process(COMMAND npm install --prefix ${prefix} --ignore-scripts --no-audit --no-fund
                                    --loglevel=error ${name}@${version}
                            WORKING_DIRECTORY ${prefix} RESULT_VARIABLE status OUTPUT_QUIET)
            if(NOT status EQUAL 0 OR NOT EXISTS ${folder}/${marker})
                message(FATAL_ERROR
                        "${name} ${version} is neither in node_modules nor to be had from npm: run scripts/setup")
            endif()
        endif()
    endif()
    set(${out} ${folder} PARENT_SCOPE)
endfunction()
