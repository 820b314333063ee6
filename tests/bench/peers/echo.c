/*
 * The peer that all others are compared with: an echo server on one thread with epoll, framed like ours (a 4-byte
 * big-endian length before each payload) and with the one check that cannot be left out: a length over the limit ends
 * the connection.
 *
 *   cc -O2 -o echo echo.c && ./echo PORT
 *
 * PORT 0 takes any free one. Prints "Listening on 127.0.0.1:PORT".
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

enum { BUFFER = 256 * 1024, EVENTS = 512, MAX_FRAME = 1024 * 1024 };

/* One read buffer serves all: what cannot be written at once is copied to the connection's own. */
static uint8_t buffer[BUFFER];

struct conn {
  int fd;
  /* Payload bytes that the begun frame is still owed. */
  uint32_t owed;
  /* A header that has begun. */
  uint8_t header[4];
  uint8_t header_length;
  /* Bytes that wait for the peer to read. */
  uint8_t *pending;
  size_t pending_length;
  size_t pending_start;
};

static void die(const char *what) {
  perror(what);
  exit(1);
}

/* Walks through the frames; 0 when a length is over the limit. */
static int scan(struct conn *c, const uint8_t *p, size_t n) {
  while (n > 0) {
    if (c->owed > 0) {
      size_t taken = n < c->owed ? n : c->owed;
      c->owed -= taken;
      p += taken;
      n -= taken;
      continue;
    }
    if (c->header_length == 0 && n >= 4) {
      memcpy(c->header, p, 4);
      p += 4;
      n -= 4;
    } else {
      c->header[c->header_length++] = *p++;
      n--;
      if (c->header_length < 4) continue;
      c->header_length = 0;
    }
    uint32_t length;
    memcpy(&length, c->header, 4);
    length = ntohl(length);
    if (length > MAX_FRAME) return 0;
    c->owed = length;
  }
  return 1;
}

static void drop(int epoll, struct conn *c) {
  epoll_ctl(epoll, EPOLL_CTL_DEL, c->fd, NULL);
  close(c->fd);
  free(c->pending);
  free(c);
}

static void await(int epoll, struct conn *c, uint32_t events) {
  struct epoll_event e = {.events = events, .data.ptr = c};
  epoll_ctl(epoll, EPOLL_CTL_MOD, c->fd, &e);
}

/* 0 when the connection is gone. */
static int send_pending(int epoll, struct conn *c) {
  while (c->pending_start < c->pending_length) {
    ssize_t n = write(c->fd, c->pending + c->pending_start, c->pending_length - c->pending_start);
    if (n < 0) return errno == EAGAIN;
    c->pending_start += n;
  }
  free(c->pending);
  c->pending = NULL;
  await(epoll, c, EPOLLIN);
  return 1;
}

static int receive(int epoll, struct conn *c) {
  ssize_t n = read(c->fd, buffer, BUFFER);
  if (n <= 0) return n < 0 && errno == EAGAIN;
  if (!scan(c, buffer, n)) return 0;
  ssize_t sent = write(c->fd, buffer, n);
  if (sent < 0 && errno != EAGAIN) return 0;
  if (sent < 0) sent = 0;
  if (sent < n) {
    c->pending_length = n - sent;
    c->pending_start = 0;
    c->pending = malloc(c->pending_length);
    if (c->pending == NULL) die("malloc");
    memcpy(c->pending, buffer + sent, c->pending_length);
    await(epoll, c, EPOLLOUT);
  }
  return 1;
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
  }
  int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), on = 1;
  setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons(argc > 1 ? atoi(argv[1]) : 0),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, length) != 0) die("bind");
  if (listen(listener, 4096) != 0) die("listen");
  if (getsockname(listener, (struct sockaddr *)&address, &length) != 0) die("getsockname");
  printf("Listening on 127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  int epoll = epoll_create1(0);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = NULL};
  epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &e);
  struct epoll_event events[EVENTS];
  for (;;) {
    int count = epoll_wait(epoll, events, EVENTS, -1);
    for (int i = 0; i < count; i++) {
      struct conn *c = events[i].data.ptr;
      if (c == NULL) {
        int fd;
        while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
          setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
          struct conn *new = calloc(1, sizeof *new);
          if (new == NULL) die("calloc");
          new->fd = fd;
          struct epoll_event added = {.events = EPOLLIN, .data.ptr = new};
          epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &added);
        }
        continue;
      }
      int alive = c->pending != NULL ? send_pending(epoll, c) : receive(epoll, c);
      if (!alive) drop(epoll, c);
    }
  }
}
