// Inner loops compiled for several instruction sets, chosen at start.
#ifndef DNND_SERVER_VISION_VECTOR_CLONES_H_
#define DNND_SERVER_VISION_VECTOR_CLONES_H_

// Stands before a function. Not under a sanitizer, whose runtime is not up when the choice is made.
#if defined(DNND_SANITIZE) || !defined(__x86_64__)
#define DNND_VECTOR_CLONES
#else
#define DNND_VECTOR_CLONES __attribute__((target_clones("arch=haswell", "default")))
#endif

#endif  // DNND_SERVER_VISION_VECTOR_CLONES_H_
