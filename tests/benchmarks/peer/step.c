/* Stochastic gradient descent on the squared loss, batch size 1, for a net of three layers.
 *
 * Compiled once for each net: INPUTS, HIDDEN, OUTPUTS are literal numbers, one of SIGMOID, TANH,
 * RELU is the activation. Without the compiler's freedom to reorder, every operation is the node
 * engine's, in its order: sums from left to right, all sensitivities before any weight moves.
 *
 * By itself each pass goes through the weights row by row. BLOCKED takes four rows of the first
 * layer at a time, so that a pre-activation is loaded and stored a fourth as often. FUSED also goes
 * forward with the next sample while it updates with this one, so that each step passes through
 * the first layer's weights once, not twice. Neither changes the order of any sum.
 */
#include <math.h>
#include <stdint.h>

#define INLINE static inline __attribute__((always_inline))

#if defined SIGMOID
INLINE double value(double a) {
    double e = exp(-fabs(a)); /* both of the sigmoid's cases in one, to the bit */
    return (a >= 0 ? 1 : e) / (1 + e);
}
INLINE double derivative(double v) { return v * (1 - v); }
#elif defined TANH
INLINE double value(double a) { return tanh(a); }
INLINE double derivative(double v) { return 1 - v * v; }
#elif defined RELU
INLINE double value(double a) { return a <= 0 ? 0 : a; }
INLINE double derivative(double v) { return v > 0; }
#endif

#if defined BLOCKED || defined FUSED
#define BLOCKS(n) ((n) / 4 * 4) /* the rows that blocks of four cover */
#else
#define BLOCKS(n) 0
#endif

INLINE void activate(int m, double *restrict v) {
    for (int j = 0; j < m; j++) v[j] = value(v[j]);
}

INLINE void forward(int n, int m, double (*restrict w)[m], const double *restrict x,
                    double *restrict v) {
    for (int j = 0; j < m; j++) v[j] = w[0][j];
    for (int i = 0; i < BLOCKS(n); i += 4)
        for (int j = 0; j < m; j++)
            v[j] = (((v[j] + w[i + 1][j] * x[i]) + w[i + 2][j] * x[i + 1]) +
                    w[i + 3][j] * x[i + 2]) + w[i + 4][j] * x[i + 3];
    for (int i = BLOCKS(n); i < n; i++)
        for (int j = 0; j < m; j++) v[j] += w[i + 1][j] * x[i];
    activate(m, v);
}

INLINE void update(int n, int m, double (*restrict w)[m], const double *restrict x,
                   const double *restrict delta, double eta) {
    for (int j = 0; j < m; j++) w[0][j] -= eta * delta[j];
    for (int i = 0; i < n; i++)
        for (int j = 0; j < m; j++) w[i + 1][j] -= eta * (delta[j] * x[i]);
}

/* Update with the sample x and go forward with the sample z. */
INLINE void advance(int n, int m, double (*restrict w)[m], const double *restrict x,
                    const double *restrict delta, double eta, const double *restrict z,
                    double *restrict v) {
    for (int j = 0; j < m; j++) v[j] = w[0][j] -= eta * delta[j];
    for (int i = 0; i < BLOCKS(n); i += 4)
        for (int j = 0; j < m; j++) {
            double p = w[i + 1][j] - eta * (delta[j] * x[i]);
            double q = w[i + 2][j] - eta * (delta[j] * x[i + 1]);
            double r = w[i + 3][j] - eta * (delta[j] * x[i + 2]);
            double s = w[i + 4][j] - eta * (delta[j] * x[i + 3]);
            v[j] = (((v[j] + p * z[i]) + q * z[i + 1]) + r * z[i + 2]) + s * z[i + 3];
            w[i + 1][j] = p, w[i + 2][j] = q, w[i + 3][j] = r, w[i + 4][j] = s;
        }
    for (int i = BLOCKS(n); i < n; i++)
        for (int j = 0; j < m; j++) {
            w[i + 1][j] -= eta * (delta[j] * x[i]);
            v[j] += w[i + 1][j] * z[i];
        }
    activate(m, v);
}

/* Take one step for each of the samples whose numbers are rows[0], ..., rows[steps - 1]. */
void train(double (*restrict w1)[HIDDEN], double (*restrict w2)[OUTPUTS],
           const double (*restrict X)[INPUTS], const double (*restrict Y)[OUTPUTS],
           const int64_t *restrict rows, int64_t steps, double eta) {
    double h[HIDDEN], v[OUTPUTS], delta_h[HIDDEN], delta_v[OUTPUTS];
#ifdef FUSED
    if (steps > 0) forward(INPUTS, HIDDEN, w1, X[rows[0]], h);
#endif
    for (int64_t step = 0; step < steps; step++) {
        const double *restrict x = X[rows[step]], *restrict y = Y[rows[step]];
#ifndef FUSED
        forward(INPUTS, HIDDEN, w1, x, h);
#endif
        forward(HIDDEN, OUTPUTS, w2, h, v);
        for (int k = 0; k < OUTPUTS; k++) delta_v[k] = derivative(v[k]) * (v[k] - y[k]);
        for (int j = 0; j < HIDDEN; j++) {
            double s = 0;
            for (int k = 0; k < OUTPUTS; k++) s += w2[j + 1][k] * delta_v[k];
            delta_h[j] = derivative(h[j]) * s;
        }
        update(HIDDEN, OUTPUTS, w2, h, delta_v, eta);
#ifdef FUSED
        if (step + 1 < steps) {
            advance(INPUTS, HIDDEN, w1, x, delta_h, eta, X[rows[step + 1]], h);
            continue;
        }
#endif
        update(INPUTS, HIDDEN, w1, x, delta_h, eta);
    }
}
