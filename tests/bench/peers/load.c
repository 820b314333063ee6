/*
 * A load on one thread with epoll, for servers that are faster than our own client: keeps WINDOW frames of SIZE bytes on
 * their way on each of CONNS connections (u32 framing), compares every byte that comes back, and prints one line of JSON.
 *
 *   cc -O2 -o load load.c && ./load PORT CONNS WINDOW SIZE SECONDS [PID]
 *
 * WINDOW 0 stands for connections: CONNS at once, each of which connects, sends one frame, takes its echo, closes and
 * connects again; the rate is theirs. Latency is that of single frames (WINDOW 0 and 1), from its send to the last byte
 * of its echo, in microseconds. With PID, the processor time of that process a frame is told, in microseconds.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 512, READ_SIZE = 1 << 20, SAMPLES = 1 << 20, HEADER = 4 };

/* Before the measured time, in seconds: connections are accepted, code is compiled. */
static const double WARM_UP = 0.3;

struct conn {
  int fd;
  int is_waiting_to_send;
  uint64_t sent, received, frames;
  double sent_at;
};

static uint8_t *window_bytes, *read_buffer;
static size_t frame_size, window_size;
static float *latencies;
static size_t latency_count;
static int epoll, port, is_reconnecting;

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec + t.tv_nsec / 1e9;
}

/* Processor time of a process, all its threads together; 0 for none. */
static double processor_time(pid_t pid) {
  clockid_t clock;
  struct timespec t;
  if (pid == 0 || clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &t) != 0) return 0;
  return t.tv_sec + t.tv_nsec / 1e9;
}

static void die(const char *what) {
  fprintf(stderr, "load: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void watch(struct conn *c, uint32_t index, int operation, int is_waiting_to_send) {
  struct epoll_event event = {.events = EPOLLIN | (is_waiting_to_send ? EPOLLOUT : 0), .data.u32 = index};
  if (epoll_ctl(epoll, operation, c->fd, &event) != 0) die("epoll_ctl");
  c->is_waiting_to_send = is_waiting_to_send;
}

static struct conn open_conn(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(0x7f000001)};
  struct conn c = {.fd = socket(AF_INET, SOCK_STREAM, 0)};
  int on = 1;
  if (c.fd < 0 || connect(c.fd, (void *)&address, sizeof address) != 0) die("connect");
  setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  return c;
}

/* Sends until a window is on its way beyond the last whole frame that came back, or the system takes no more. */
static void fill(struct conn *c, uint32_t index) {
  uint64_t wanted = c->received / frame_size * frame_size + window_size;
  while (c->sent < wanted) {
    size_t at = c->sent % window_size;
    size_t length = window_size - at < wanted - c->sent ? window_size - at : wanted - c->sent;
    ssize_t taken = send(c->fd, window_bytes + at, length, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (taken < 0 && errno != EAGAIN) die("send");
    if (taken < 0) {
      if (!c->is_waiting_to_send) watch(c, index, EPOLL_CTL_MOD, 1);
      return;
    }
    if (at % frame_size == 0) c->sent_at = now();
    c->sent += taken;
  }
  if (c->is_waiting_to_send) watch(c, index, EPOLL_CTL_MOD, 0);
}

static void take(struct conn *c) {
  ssize_t got = recv(c->fd, read_buffer, READ_SIZE, MSG_DONTWAIT);
  if (got < 0 && errno == EAGAIN) return;
  if (got <= 0) die("the server ended the connection");
  for (size_t checked = 0; checked < (size_t)got;) {
    size_t at = (c->received + checked) % window_size;
    size_t length = window_size - at < got - checked ? window_size - at : got - checked;
    if (memcmp(read_buffer + checked, window_bytes + at, length) != 0) {
      fprintf(stderr, "load: an echo differs from what was sent\n");
      exit(1);
    }
    checked += length;
  }
  uint64_t whole = (c->received % frame_size + got) / frame_size;
  c->received += got;
  c->frames += whole;
  if (whole > 0 && window_size == frame_size && latency_count < SAMPLES) {
    latencies[latency_count++] = (now() - c->sent_at) * 1e6;
  }
}

/* Closes a connection whose frame has come back, and opens another one in its place. */
static void renew(struct conn *c, uint32_t index) {
  if (c->received < frame_size) return;
  uint64_t frames = c->frames;
  close(c->fd);
  *c = open_conn();
  c->frames = frames;
  watch(c, index, EPOLL_CTL_ADD, 0);
}

static int by_size(const void *a, const void *b) {
  return (*(const float *)a > *(const float *)b) - (*(const float *)a < *(const float *)b);
}

int main(int argc, char **argv) {
  if (argc != 6 && argc != 7) {
    fprintf(stderr, "Usage: load PORT CONNS WINDOW SIZE SECONDS [PID]\n");
    return 64;
  }
  port = atoi(argv[1]);
  int count = atoi(argv[2]), window = atoi(argv[3]), size = atoi(argv[4]);
  pid_t pid = argc == 7 ? atoi(argv[6]) : 0;
  is_reconnecting = window == 0;
  if (is_reconnecting) window = 1;
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  frame_size = HEADER + size;
  window_size = frame_size * window;
  window_bytes = malloc(window_size);
  read_buffer = malloc(READ_SIZE);
  latencies = malloc(SAMPLES * sizeof *latencies);
  for (size_t at = 0; at < window_size; at++) window_bytes[at] = at * 31 % 251;
  for (int frame = 0; frame < window; frame++) {
    uint32_t header = htonl(size);
    memcpy(window_bytes + frame * frame_size, &header, HEADER);
  }
  epoll = epoll_create1(0);
  struct conn *conns = calloc(count, sizeof *conns);
  for (int i = 0; i < count; i++) {
    conns[i] = open_conn();
    watch(&conns[i], i, EPOLL_CTL_ADD, 0);
  }
  for (int i = 0; i < count; i++) fill(&conns[i], i);
  double begun = now(), measured_from = begun + WARM_UP, end = measured_from + atof(argv[5]);
  double processor_before = 0;
  int is_measuring = 0;
  struct epoll_event events[EVENTS];
  for (double time = begun; time < end; time = now()) {
    if (!is_measuring && time >= measured_from) {
      is_measuring = 1;
      begun = time;
      processor_before = processor_time(pid);
      latency_count = 0;
      for (int i = 0; i < count; i++) conns[i].frames = 0;
    }
    int ready = epoll_wait(epoll, events, EVENTS, 100);
    for (int i = 0; i < ready; i++) {
      struct conn *c = &conns[events[i].data.u32];
      if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) take(c);
      if (is_reconnecting) renew(c, events[i].data.u32);
      fill(c, events[i].data.u32);
    }
  }
  double processor = processor_time(pid) - processor_before, seconds = now() - begun, sum = 0, squares = 0, slowest = 1e300;
  for (int i = 0; i < count; i++) {
    double frames = conns[i].frames;
    sum += frames;
    squares += frames * frames;
    if (frames < slowest) slowest = frames;
  }
  qsort(latencies, latency_count, sizeof *latencies, by_size);
  double p99 = latency_count > 0 ? latencies[latency_count * 99 / 100] : 0;
  if (sum == 0) {
    fprintf(stderr, "load: nothing came back in time\n");
    return 1;
  }
  printf("{\"rate\":%.0f,\"jain\":%.4f,\"slowest\":%.2f,\"p99\":%.0f,\"processor\":%.4f}\n", sum / seconds,
         sum * sum / (count * squares), slowest / (sum / count), p99, processor / sum * 1e6);
  return 0;
}
