# What the sample and the module use of Zephyr's build system: as its documentation has them. What Kconfig would say are definitions.
enable_language(C)
add_library(app OBJECT)
target_include_directories(app PRIVATE "${CMAKE_CURRENT_LIST_DIR}/include" "${CMAKE_CURRENT_LIST_DIR}/..")
add_executable(zephyr.elf $<TARGET_OBJECTS:app>)

function(zephyr_include_directories)
    foreach(folder IN LISTS ARGN)
        get_filename_component(folder "${folder}" ABSOLUTE)
        target_include_directories(app PRIVATE "${folder}")
    endforeach()
endfunction()

function(zephyr_library_import name archive)
    if(NOT EXISTS "${archive}")
        message(FATAL_ERROR "no ${archive}")
    endif()
    add_library(${name} STATIC IMPORTED GLOBAL)
    set_target_properties(${name} PROPERTIES IMPORTED_LOCATION "${archive}")
    target_link_libraries(zephyr.elf PRIVATE ${name})
endfunction()

foreach(module IN LISTS EXTRA_ZEPHYR_MODULES)
    # zephyr/module.yml says where its CMakeLists.txt is: tests/packages/check.sh reads that.
    add_subdirectory("${module}" "${CMAKE_BINARY_DIR}/module")
endforeach()
