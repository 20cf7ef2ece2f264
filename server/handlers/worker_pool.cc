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
    const std::lock_guard<std::mutex> lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) {
    thread.join();
  }
}

void WorkerPool::Begin(Task task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    beginnings_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void WorkerPool::End(Task task) {
  {
    const std::lock_guard<std::mutex> lock(mutex_);
    endings_.push_back(std::move(task));
  }
  changed_.notify_one();
}

void WorkerPool::Run() {
  while (true) {
    Task task;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      changed_.wait(lock, [&] { return stopping_ || !beginnings_.empty() || !endings_.empty(); });
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
