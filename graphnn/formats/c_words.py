"""The words that a function written in C cannot be called."""

from __future__ import annotations

__all__ = ["RESERVED"]

KEYWORDS = """
alignas alignof asm auto bool break case char const constexpr continue default do double else enum
extern false float for goto if inline int long nullptr register restrict return short signed sizeof
static static_assert struct switch thread_local true typedef typeof typeof_unqual union unsigned
void volatile while
"""
"""Of C99, C11 and C23; those that begin with an underscore are no names here anyhow."""

MATHEMATICS = """
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs fdim
floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma llrint llround log log10 log1p log2 logb
lrint lround modf nan nearbyint nextafter nexttoward pow remainder remquo rint round scalbln scalbn
sin sinh sqrt tan tanh tgamma trunc
"""
"""Of <math.h>; each with the endings f and l, too."""

OTHERS = """
drem float_t double_t fpclassify gamma isfinite isgreater isgreaterequal isinf isless islessequal
islessgreater isnan isnormal isunordered j0 j1 jn math_errhandling scalb signbit signgam y0 y1 yn
HUGE_VAL HUGE_VALF HUGE_VALL INFINITY NAN NULL
abort abs alloca atexit atof atoi atol bcmp bcopy bzero calloc clock div errno exit fclose ffs fopen
fprintf fputc fputs fread free fscanf fwrite getc getenv index isalnum isalpha isdigit islower
isprint isspace isupper labs llabs longjmp main malloc memchr memcmp memcpy memmove memset open
printf putc putchar puts qsort raise rand read realloc remove rename rindex scanf setjmp signal
snprintf sprintf srand sscanf strcat strchr strcmp strcpy strlen strncmp strncpy strstr strtod
strtol system time tolower toupper write
i386 linux unix
"""
"""The rest of <math.h>, what compilers define, and what would take the place of the library's."""

RESERVED = frozenset(
    [
        *(KEYWORDS + OTHERS).split(),
        *(root + kind for root in MATHEMATICS.split() for kind in ("", "f", "l")),
    ]
)
