/* Marks a function with plain loops: compiled once per instruction set, chosen when the program is loaded. */
#pragma once

#if defined(__x86_64__) && defined(__linux__)
#define CK_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define CK_CLONES
#endif
