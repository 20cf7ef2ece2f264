#include "server/handlers/worker_pool.h"

#include <utility>

namespace dnnd::server {

WorkerPool::WorkerPool(int threads) {
  for (int i = 0; i < threads; ++i) {
    threads_.emplace_back([this] { Run(); });
  }
}

WorkerPool::~WorkerPool() {
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
  }
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void WorkerPool::Begin(Task task) {
  absl::MutexLock lock(&mutex_);
  beginnings_.push_back(std::move(task));
}

void WorkerPool::End(Task task) {
  absl::MutexLock lock(&mutex_);
  endings_.push_back(std::move(task));
}

void WorkerPool::Run() {
  while (true) {
    Task task;
    {
      absl::MutexLock lock(&mutex_);
      mutex_.Await(absl::Condition(this, &WorkerPool::HasWork));
      std::deque<Task>& queue = endings_.empty() ? beginnings_ : endings_;
      if (queue.empty()) {
        return;  // stopping, and nothing waits
      }
      task = std::move(queue.front());
      queue.pop_front();
    }
    task();
  }
}

}  // namespace dnnd::server
