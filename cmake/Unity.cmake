# Unity builds: most of the time that a file takes is spent on headers and templates that its neighbours need too, so
# the files of a folder are compiled eight at a time. Every file must still compile alone (the preset tidy and
# VALENCE_UNITY=OFF do that), and what it keeps in an unnamed namespace needs a name of its own in its folder.
option(VALENCE_UNITY "Compile the files of a folder together" ON)
set(VALENCE_UNITY_FILES 8)

# valence_unity(TARGET [APART PATTERN…]): compiles TARGET's files together, but for those with compiler options of their
# own and those whose path in the folder matches a pattern.
function(valence_unity target)
    if(VALENCE_UNITY)
        # Options of files may be set until the folder's CMakeLists.txt ends.
        cmake_parse_arguments(arg "" "" "APART" ${ARGN})
        list(JOIN arg_APART "|" apart)
        cmake_language(EVAL CODE "cmake_language(DEFER CALL valence_unite ${target} [[${apart}]])")
    endif()
endfunction()

function(valence_unite target apart)
    get_target_property(sources ${target} SOURCES)
    set(alone)
    set(folders)
    foreach(source ${sources})
        get_source_file_property(options ${source} COMPILE_OPTIONS)
        get_filename_component(path ${source} ABSOLUTE)
        file(RELATIVE_PATH path ${CMAKE_CURRENT_SOURCE_DIR} ${path})
        if(options OR NOT path MATCHES "\\.cpp$" OR (apart AND path MATCHES "${apart}"))
            list(APPEND alone ${source})
        else()
            # The first folder below the module's, or the module's own.
            set(folder own)
            if(path MATCHES "^([a-z0-9_]+)/")
                set(folder ${CMAKE_MATCH_1})
            endif()
            list(APPEND folders ${folder})
            list(APPEND files_${folder} ${path})
        endif()
    endforeach()
    list(REMOVE_DUPLICATES folders)

    file(RELATIVE_PATH here ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    foreach(folder ${folders})
        list(LENGTH files_${folder} count)
        math(EXPR groups "(${count} + ${VALENCE_UNITY_FILES} - 1) / ${VALENCE_UNITY_FILES}")
        math(EXPR size "(${count} + ${groups} - 1) / ${groups}")
        foreach(group RANGE 1 ${groups})
            math(EXPR first "(${group} - 1) * ${size}")
            list(SUBLIST files_${folder} ${first} ${size} files)
            # Paths from the root, so that ccache knows another checkout's file again.
            set(text)
            foreach(file ${files})
                string(APPEND text "#include \"${here}/${file}\"\n")
            endforeach()
            set(united ${CMAKE_CURRENT_BINARY_DIR}/unity/${target}/${folder}_${group}.cpp)
            file(CONFIGURE OUTPUT ${united} CONTENT "${text}")
            list(APPEND alone ${united})
        endforeach()
    endforeach()
    set_property(TARGET ${target} PROPERTY SOURCES ${alone})
endfunction()
