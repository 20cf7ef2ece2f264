// The threads that decode pictures and make answers, so that those of the wire and of the lanes do
// neither.
#ifndef DNND_SERVER_HANDLERS_WORKER_POOL_H_
#define DNND_SERVER_HANDLERS_WORKER_POOL_H_

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace dnnd::server {

// Thread-safe. Its queues are bounded by those who fill them: every task belongs to an admitted
// request.
class WorkerPool {
 public:
  using Task = std::function<void()>;

  explicit WorkerPool(int threads);
  // Runs what waits, and ends.
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // Begins something: runs after everything that was scheduled before, and after all that ends
  // something.
  void Begin(Task task);

  // Ends something: an answer that is nearly there does not wait behind work that only begins.
  void End(Task task);

  int threads() const { return static_cast<int>(threads_.size()); }

 private:
  void Run();

  std::mutex mutex_;
  std::condition_variable changed_;
  // All guarded by mutex_.
  std::deque<Task> beginnings_;
  std::deque<Task> endings_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace dnnd::server

#endif  // DNND_SERVER_HANDLERS_WORKER_POOL_H_
