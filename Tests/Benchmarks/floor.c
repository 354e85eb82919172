// The floor that Heartmesh's HTTP probe is compared with: the same work by a C program on libcurl.
//
//     floor --targets N --port PORT [--rate R] [--seconds S] [--warmup S] [--mesh NAME] [--uneven]
//     cc -O2 -Wall -Wextra -Werror floor.c -lcurl -o floor
//
// Target i is http://127.1.(i / 256).(i % 256):PORT/, node-i to the responder. Each target has its own schedule of one
// probe every N / R seconds, and the phases are spread evenly, or at random with --uneven, as hashed phases are. A
// probe is a fresh connection and one GET; it succeeds when the answer is 2xx and its `Heartmesh:` header names the
// target's mesh and node. R defaults to N, one probe a second for each target. S 0, the default, runs until SIGTERM.
//
// SIGUSR1 prints the counts since the start as a line of JSON. The end prints them from the end of the warm-up on,
// with CPU time from getrusage: setting libcurl up costs as much as some hundred probes and is none of them.
//
// It leaves out what a probe does not need, and nothing that it does: no timer or epoll call without a reason, no
// option set twice. It has no closed loop, no connection that is used again, and no batching of probes.

#define _GNU_SOURCE
#include <curl/curl.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

enum { poolSize = 64, maxDescriptors = 4096, eventsAtOnce = 64, bucketCount = 16 };

#define second UINT64_C(1000000000)
#define never UINT64_MAX

struct target {
    CURLU *url;  // Parsed once: parsing the string again is an eighth of the user time of a probe.
    char identity[64];  // What the header's value begins with: `mesh=default; node=node-7;`
    size_t identityLength;
    uint64_t due;
};

struct probe {
    CURL *easy;
    const struct target *target;
    int identified;
};

/// What libcurl wants of a socket, and what epoll was told. They are brought together once before each wait, so a
/// wish that was replaced or whose socket was closed in the meantime costs no system call.
struct interest {
    uint8_t wanted, registered, queued;
};

struct counts {
    uint64_t probes, failures, skipped, latency[bucketCount];
};

// The histogram's upper bounds in microseconds; the last bucket has none.
static const curl_off_t bounds[bucketCount - 1] = {50,    100,   250,    500,    1000,   2500,    5000,   10000,
                                                   25000, 50000, 100000, 250000, 500000, 1000000, 2500000};

static CURLM *multi;
static struct probe probes[poolSize];
static struct probe *idle[poolSize];  // A stack: the handle used last is the one in the cache.
static int idleCount, running;
static struct interest interests[maxDescriptors];
static int changed[maxDescriptors], changedCount;
static uint64_t now, curlDeadline = never;
static struct counts counts;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static uint64_t clockNow(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * second + (uint64_t)time.tv_nsec;
}

// libcurl's callbacks

static size_t headerReceived(char *line, size_t size, size_t count, void *context) {
    struct probe *probe = context;
    size_t length = size * count;
    if (length > 10 && strncasecmp(line, "Heartmesh:", 10) == 0) {
        char *value = line + 10, *end = line + length;
        while (value < end && (*value == ' ' || *value == '\t')) value++;
        const struct target *target = probe->target;
        probe->identified = (size_t)(end - value) >= target->identityLength &&
                            memcmp(value, target->identity, target->identityLength) == 0;
    }
    return length;
}

static size_t bodyReceived(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes, (void)context;
    return size * count;
}

static int timerChanged(CURLM *handle, long milliseconds, void *context) {
    (void)handle, (void)context;
    curlDeadline = milliseconds < 0 ? never : now + (uint64_t)milliseconds * 1000000;
    return 0;
}

static int socketChanged(CURL *easy, curl_socket_t fd, int what, void *context, void *socketContext) {
    (void)easy, (void)context, (void)socketContext;
    struct interest *interest = &interests[fd];
    interest->wanted = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    if (what == CURL_POLL_REMOVE) interest->wanted = 0;
    if (!interest->queued) {
        interest->queued = 1;
        changed[changedCount++] = fd;
    }
    return 0;
}

static int socketClosed(void *context, curl_socket_t fd) {
    (void)context;
    interests[fd].wanted = interests[fd].registered = 0;  // The kernel takes a closed descriptor out of epoll.
    return close(fd);
}

// Probes

static void applyInterests(int epoll) {
    for (int i = 0; i < changedCount; i++) {
        int fd = changed[i];
        struct interest *interest = &interests[fd];
        interest->queued = 0;
        if (interest->wanted == interest->registered) continue;
        int operation = !interest->registered ? EPOLL_CTL_ADD : interest->wanted ? EPOLL_CTL_MOD : EPOLL_CTL_DEL;
        struct epoll_event event = {.events = interest->wanted, .data.fd = fd};
        if (epoll_ctl(epoll, operation, fd, &event) < 0) die("epoll_ctl");
        interest->registered = interest->wanted;
    }
    changedCount = 0;
}

static void makePool(void) {
    for (int i = 0; i < poolSize; i++) {
        CURL *easy = curl_easy_init();
        if (!easy) die("curl_easy_init");
        probes[i].easy = easy;
        idle[idleCount++] = &probes[i];
        curl_easy_setopt(easy, CURLOPT_PRIVATE, &probes[i]);
        curl_easy_setopt(easy, CURLOPT_HEADERDATA, &probes[i]);
        curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, headerReceived);
        curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, bodyReceived);
        curl_easy_setopt(easy, CURLOPT_CLOSESOCKETFUNCTION, socketClosed);
        curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
        curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
        curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 4000L);
        // Saves nine calls of sigaction for each probe.
        curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
        // Numeric addresses go through the DNS cache too, and each probe walks the whole cache at its end: with entries
        // that live for 60 s that is a quarter of the user time at 1,000 targets.
        curl_easy_setopt(easy, CURLOPT_DNS_CACHE_TIMEOUT, 0L);
        // One write, so there is nothing that Nagle's algorithm could hold back.
        curl_easy_setopt(easy, CURLOPT_TCP_NODELAY, 0L);
        // Each looks up the environment for each transfer unless it is set.
        curl_easy_setopt(easy, CURLOPT_PROXY, "");
        curl_easy_setopt(easy, CURLOPT_NOPROXY, "*");
    }
}

static void startProbe(const struct target *target) {
    if (idleCount == 0) {
        counts.skipped++;
        return;
    }
    struct probe *probe = idle[--idleCount];
    probe->target = target;
    probe->identified = 0;
    curl_easy_setopt(probe->easy, CURLOPT_CURLU, target->url);
    curl_multi_add_handle(multi, probe->easy);
}

static void finishProbes(void) {
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL *easy = message->easy_handle;
        CURLcode code = message->data.result;
        struct probe *probe;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, (char **)&probe);
        counts.probes++;
        long status = 0;
        if (code == CURLE_OK) curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        if (status >= 200 && status < 300 && probe->identified) {
            curl_off_t latency;
            curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &latency);
            int bucket = 0;
            while (bucket < bucketCount - 1 && latency > bounds[bucket]) bucket++;
            counts.latency[bucket]++;
        } else {
            counts.failures++;
        }
        curl_multi_remove_handle(multi, easy);
        idle[idleCount++] = probe;
    }
}

// Schedule

/// One probe for each target in `period`. All have the same period, so their order, once sorted by phase, is for ever.
static struct target *makeTargets(int count, int port, const char *mesh, uint64_t period, int uneven) {
    struct target *targets = calloc((size_t)count, sizeof *targets);
    uint64_t *phases = calloc((size_t)count, sizeof *phases);
    if (!targets || !phases) die("calloc");
    for (int i = 0; i < count; i++) {
        uint64_t phase = period / (uint64_t)count * (uint64_t)i;
        if (uneven) phase = (uint64_t)((double)random() / ((double)RAND_MAX + 1) * (double)period);
        int place = i;
        for (; place > 0 && phases[place - 1] > phase; place--) phases[place] = phases[place - 1];
        phases[place] = phase;
    }
    for (int i = 0; i < count; i++) {
        struct target *target = &targets[i];
        int node = i + 1;
        char url[40];
        snprintf(url, sizeof url, "http://127.1.%d.%d:%d/", node / 256, node % 256, port);
        target->url = curl_url();
        if (!target->url || curl_url_set(target->url, CURLUPART_URL, url, 0) != CURLUE_OK) die("curl_url");
        target->identityLength = (size_t)snprintf(
            target->identity, sizeof target->identity, "mesh=%s; node=node-%d;", mesh, node);
        target->due = now + phases[i];
    }
    free(phases);
    return targets;
}

// Reports

static double cpuSeconds(double *user, double *system) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    *user = (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec * 1e-6;
    *system = (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec * 1e-6;
    return *user + *system;
}

struct start {
    struct counts counts;
    uint64_t time;
    double user, system;
};

static void markStart(struct start *start) {
    start->counts = counts;
    start->time = now;
    cpuSeconds(&start->user, &start->system);
}

static void report(const struct start *start) {
    double user, system, cpu = cpuSeconds(&user, &system) - start->user - start->system;
    uint64_t done = counts.probes - start->counts.probes;
    printf("{\"probes\": %" PRIu64 ", \"failures\": %" PRIu64 ", \"skipped\": %" PRIu64 ", \"seconds\": %.3f, "
           "\"user_seconds\": %.6f, \"system_seconds\": %.6f, \"cpu_us_per_probe\": %.2f, \"latency_us\": {",
        done, counts.failures - start->counts.failures, counts.skipped - start->counts.skipped,
        (double)(now - start->time) / 1e9, user - start->user, system - start->system,
        done ? cpu * 1e6 / (double)done : 0.0);
    for (int i = 0; i < bucketCount; i++) {
        uint64_t count = counts.latency[i] - start->counts.latency[i];
        if (i < bucketCount - 1) printf("\"%" CURL_FORMAT_CURL_OFF_T "\": %" PRIu64 ", ", bounds[i], count);
        else printf("\"+Inf\": %" PRIu64 "}}\n", count);
    }
    fflush(stdout);
}

int main(int argc, char **argv) {
    int targetCount = 0, port = 0, uneven = 0, option;
    double rate = 0, seconds = 0, warmup = 2;
    const char *mesh = "default";
    static const struct option options[] = {
        {"targets", required_argument, NULL, 't'}, {"port", required_argument, NULL, 'p'},
        {"rate", required_argument, NULL, 'r'},    {"seconds", required_argument, NULL, 's'},
        {"warmup", required_argument, NULL, 'w'},  {"mesh", required_argument, NULL, 'm'},
        {"uneven", no_argument, NULL, 'u'},        {NULL, 0, NULL, 0}};
    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (option) {
        case 't': targetCount = atoi(optarg); break;
        case 'p': port = atoi(optarg); break;
        case 'r': rate = atof(optarg); break;
        case 's': seconds = atof(optarg); break;
        case 'w': warmup = atof(optarg); break;
        case 'm': mesh = optarg; break;
        case 'u': uneven = 1; break;
        default: return 2;
        }
    }
    if (targetCount < 1 || targetCount > 65534 || port < 1 || port > 65535 || rate < 0) {
        fprintf(stderr, "usage: floor --targets N --port PORT [--rate R] [--seconds S] [--warmup S] [--mesh NAME] "
                        "[--uneven]\n");
        return 2;
    }

    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGUSR1);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    signal(SIGPIPE, SIG_IGN);  // CURLOPT_NOSIGNAL leaves it to us.
    int signalDescriptor = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC), epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = signalDescriptor};
    if (epoll < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, signalDescriptor, &event) < 0) die("epoll");

    curl_global_init(CURL_GLOBAL_DEFAULT);
    multi = curl_multi_init();
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, socketChanged);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, timerChanged);
    makePool();

    now = clockNow();
    uint64_t period = (uint64_t)((double)targetCount / (rate > 0 ? rate : targetCount) * 1e9);
    struct target *targets = makeTargets(targetCount, port, mesh, period, uneven);
    struct start sinceStart, sinceWarmup;
    markStart(&sinceStart);
    uint64_t warm = seconds > 0 ? now + (uint64_t)(warmup * 1e9) : never;
    uint64_t end = seconds > 0 ? warm + (uint64_t)(seconds * 1e9) : never;
    sinceWarmup = sinceStart;

    for (int next = 0;;) {
        while (targets[next].due <= now) {
            startProbe(&targets[next]);
            targets[next].due += period;
            if (++next == targetCount) next = 0;
        }
        if (curlDeadline <= now) {
            curlDeadline = never;
            curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
        }
        finishProbes();
        applyInterests(epoll);
        if (now >= warm) {
            markStart(&sinceWarmup);
            warm = never;
        }
        if (now >= end) break;

        uint64_t wake = targets[next].due;
        if (curlDeadline < wake) wake = curlDeadline;
        if (warm < wake) wake = warm;
        if (end < wake) wake = end;
        now = clockNow();
        uint64_t milliseconds = wake > now ? (wake - now + 999999) / 1000000 : 0;
        struct epoll_event events[eventsAtOnce];
        int ready = epoll_wait(epoll, events, eventsAtOnce, (int)milliseconds);
        if (ready < 0 && errno != EINTR) die("epoll_wait");
        now = clockNow();
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            uint32_t flags = events[i].events;
            if (fd == signalDescriptor) {
                struct signalfd_siginfo info;
                if (read(fd, &info, sizeof info) != sizeof info) continue;
                if (info.ssi_signo == SIGUSR1) report(&sinceStart);
                else end = now;
                continue;
            }
            int mask = (flags & EPOLLIN ? CURL_CSELECT_IN : 0) | (flags & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                       (flags & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
            curl_multi_socket_action(multi, fd, mask, &running);
        }
    }
    report(&sinceWarmup);
    for (int i = 0; i < poolSize; i++) {
        curl_multi_remove_handle(multi, probes[i].easy);
        curl_easy_cleanup(probes[i].easy);
    }
    curl_multi_cleanup(multi);
    for (int i = 0; i < targetCount; i++) curl_url_cleanup(targets[i].url);
    curl_global_cleanup();
    free(targets);
    return 0;
}
