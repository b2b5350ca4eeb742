# How Node runs a service: sourced by `npm start`, and the same in the Dockerfile. docs/decisions/0005-memory.md has the figures.
# Short-lived objects get 16 MB a half, not what a machine with much memory would give them; one thread helps V8, not four.
export NODE_OPTIONS="--max-semi-space-size=16 --v8-pool-size=1${NODE_OPTIONS:+ $NODE_OPTIONS}"
# Threads share two arenas of malloc instead of having one each.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX:-2}"
# Buffers over 128 KB go back to the system when they are freed. Not those of 64 KB: each datagram is received into one.
export MALLOC_MMAP_THRESHOLD_="${MALLOC_MMAP_THRESHOLD_:-131072}" MALLOC_TRIM_THRESHOLD_="${MALLOC_TRIM_THRESHOLD_:-131072}"
# TypeScript that is stripped already: the stripper isn't loaded.
export NODE_COMPILE_CACHE="${NODE_COMPILE_CACHE:-$PWD/node_modules/.cache/wardline}"
