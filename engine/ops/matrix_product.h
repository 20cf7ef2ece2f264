// The plain product of two matrices, for the reference kernels of Gemm and MatMul.
#ifndef DNND_ENGINE_OPS_MATRIX_PRODUCT_H_
#define DNND_ENGINE_OPS_MATRIX_PRODUCT_H_

#include <cstdint>
#include <type_traits>

namespace dnnd::engine {

// The type to compute in so that overflow wraps instead of being undefined.
template <typename T, bool kInteger = std::is_integral_v<T>>
struct WrappingNumber {
  using Type = T;
};
template <typename T>
struct WrappingNumber<T, true> {
  using Type = std::make_unsigned_t<T>;
};

// A matrix whose element (i, j) lies at data[i * row + j * column].
template <typename T>
struct MatrixView {
  T* data;
  int64_t row;
  int64_t column;
};

// c[m,n] += scale * a[m,k] b[k,n], c dense. Integers wrap.
template <typename T>
void AddMatrixProduct(int64_t m, int64_t n, int64_t k, T scale, MatrixView<const T> a,
                      MatrixView<const T> b, T* c) {
  using Number = typename WrappingNumber<T>::Type;
  for (int64_t i = 0; i < m; ++i) {
    for (int64_t p = 0; p < k; ++p) {
      const Number left = Number(scale) * Number(a.data[i * a.row + p * a.column]);
      const T* right = b.data + p * b.row;
      for (int64_t j = 0; j < n; ++j) {
        c[i * n + j] = static_cast<T>(Number(c[i * n + j]) + left * Number(right[j * b.column]));
      }
    }
  }
}

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_OPS_MATRIX_PRODUCT_H_
