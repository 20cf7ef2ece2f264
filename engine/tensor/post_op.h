// What a kernel does to its result before it stores it.
#ifndef DNND_ENGINE_TENSOR_POST_OP_H_
#define DNND_ENGINE_TENSOR_POST_OP_H_

#include <cstdint>

namespace dnnd::engine {

// An operation that a kernel applies to its result before storing it, in the order of the list.
struct PostOp {
  enum class Kind : uint8_t {
    kSum,        // + input `operand` of the node, of the result's own shape
    kRelu,       // x < 0 ? alpha * x : x
    kClip,       // min(max(x, alpha), beta)
    kSigmoid,    // 1 / (1 + exp(-x))
    kTanh,       // tanh(x)
    kElu,        // x < 0 ? alpha * (exp(x) - 1) : x
    kSwish,      // x * sigmoid(alpha * x)
    kHardSwish,  // x * clip(x / 6 + 1/2, 0, 1)
    kGelu,       // x * Phi(x), with erf
  };
  Kind kind;
  float alpha = 0;
  float beta = 0;
  int operand = -1;  // index among the node's inputs, for kSum
};

}  // namespace dnnd::engine

#endif  // DNND_ENGINE_TENSOR_POST_OP_H_
