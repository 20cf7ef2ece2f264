#include "server/repository/reaper.h"

#include <utility>

namespace dnnd::server {

Reaper::Reaper(std::function<void(const Gone&)> on_gone)
    : on_gone_(std::move(on_gone)), thread_([this] { Loop(); }) {}

Reaper::~Reaper() {
  {
    const std::lock_guard<std::mutex> lock(inbox_->mutex);
    inbox_->closed = true;
  }
  inbox_->changed.notify_all();
  thread_.join();
}

ModelHandle Reaper::Wrap(std::unique_ptr<ServedModel> model) {
  return {model.release(), [inbox = inbox_](const ServedModel* dead) {
            {
              const std::lock_guard<std::mutex> lock(inbox->mutex);
              if (!inbox->closed) {
                inbox->dead.push_back(dead);
                dead = nullptr;
              }
            }
            inbox->changed.notify_one();
            delete dead;
          }};
}

void Reaper::Loop() {
  std::unique_lock<std::mutex> lock(inbox_->mutex);
  while (true) {
    inbox_->changed.wait(lock, [&] { return inbox_->closed || !inbox_->dead.empty(); });
    if (inbox_->dead.empty()) {
      return;
    }
    std::unique_ptr<const ServedModel> dead(inbox_->dead.front());
    inbox_->dead.pop_front();
    lock.unlock();
    const Gone gone{dead->name, dead->version, dead->weight_bytes + dead->arena_bytes};
    dead.reset();
    on_gone_(gone);
    lock.lock();
  }
}

}  // namespace dnnd::server
