package io.samband.stream.fanout;

import java.util.function.Consumer;

/**
 * What the parts of one worker share.
 *
 * @param inWorker runs a task in the worker's thread; may be called by any thread
 */
record WorkerContext(
    FrameRing ring,
    PageReader reader,
    Consumer<Runnable> inWorker,
    WorkerCounters counters,
    Progress progress) {}
