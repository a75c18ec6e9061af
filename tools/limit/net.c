#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

static struct sockaddr_in loopback(uint16_t port) {
    return (struct sockaddr_in){
        .sin_family = AF_INET,
        .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
    };
}

static int without_delay(int descriptor) {
    int on = 1;
    if (descriptor < 0) fail("accept");
    if (setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on)) fail("TCP_NODELAY");
    return descriptor;
}

// Listens on a port that the system chooses.
int net_listen(uint16_t *port) {
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(descriptor, (void *)&address, size) || listen(descriptor, CONNECTIONS_MAX))
        fail("listen");
    if (getsockname(descriptor, (void *)&address, &size)) fail("getsockname");
    *port = ntohs(address.sin_port);
    return descriptor;
}

int net_connect(uint16_t port) {
    struct sockaddr_in address = loopback(port);
    int descriptor = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(descriptor, (void *)&address, sizeof address)) fail("connect");
    return without_delay(descriptor);
}

int net_accept(int listener) { return without_delay(accept(listener, NULL, NULL)); }

static void control(int poll_set, int operation, int descriptor, uint32_t events, void *tag) {
    struct epoll_event event = {.events = events, .data.ptr = tag};
    if (epoll_ctl(poll_set, operation, descriptor, &event)) fail("epoll_ctl");
}

void net_watch(int poll_set, int descriptor, void *tag) {
    control(poll_set, EPOLL_CTL_ADD, descriptor, EPOLLIN, tag);
}

struct connection *net_adopt(int poll_set, int descriptor) {
    struct connection *connection = calloc(1, sizeof *connection);
    connection->descriptor = descriptor;
    if (fcntl(descriptor, F_SETFL, O_NONBLOCK)) fail("O_NONBLOCK");
    net_watch(poll_set, descriptor, connection);
    return connection;
}

// One read; false once the other side has gone.
bool net_receive(struct connection *connection) {
    char *room = bytes_reserve(&connection->in, READ_SIZE);
    ssize_t count = read(connection->descriptor, room, READ_SIZE);
    if (count < 0) return errno == EAGAIN;
    connection->in.end += count;
    return count > 0;
}

// Writes what the socket takes, and asks to hear when it takes more.
void net_send(int poll_set, struct connection *connection) {
    struct bytes *out = &connection->out;
    connection->is_dirty = false;
    while (bytes_count(out)) {
        ssize_t count = write(connection->descriptor, out->memory + out->start, bytes_count(out));
        if (count < 0) break;
        bytes_drop(out, count);
    }
    bool is_blocked = bytes_count(out) > 0;
    if (is_blocked == connection->is_blocked) return;
    connection->is_blocked = is_blocked;
    uint32_t events = is_blocked ? EPOLLIN | EPOLLOUT : EPOLLIN;
    control(poll_set, EPOLL_CTL_MOD, connection->descriptor, events, connection);
}
