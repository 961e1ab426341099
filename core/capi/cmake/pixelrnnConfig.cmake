# find_package(pixelrnn): the targets pixelrnn::pixelrnn (static) and, where there is one, pixelrnn::shared.
get_filename_component(pixelrnn_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT TARGET pixelrnn::pixelrnn)
    add_library(pixelrnn::pixelrnn STATIC IMPORTED)
    set_target_properties(pixelrnn::pixelrnn PROPERTIES
        IMPORTED_LOCATION "${pixelrnn_prefix}/lib/libpixelrnn.a"
        INTERFACE_INCLUDE_DIRECTORIES "${pixelrnn_prefix}/include")
endif()
if(NOT TARGET pixelrnn::shared AND EXISTS "${pixelrnn_prefix}/lib/libpixelrnn.so")
    add_library(pixelrnn::shared SHARED IMPORTED)
    set_target_properties(pixelrnn::shared PROPERTIES
        IMPORTED_LOCATION "${pixelrnn_prefix}/lib/libpixelrnn.so"
        IMPORTED_SONAME "libpixelrnn.so"
        INTERFACE_INCLUDE_DIRECTORIES "${pixelrnn_prefix}/include")
endif()
