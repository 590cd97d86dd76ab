package io.samband.event;

import java.time.Instant;

/**
 * A client has no stream any more, at no node of the log, and did not come back for some seconds (five at least). Fired by CDI
 * on every node, for {@code @ObservesAsync}, in the same order as {@link SubscriberArrived}.
 *
 * <p>A client that is gone without a word is noticed by the next keepalive; those of a node that was killed when its lease has
 * ended, after ten seconds. While the server of the log cannot be reached nobody leaves, because nobody knows. Nor when this
 * node ends.
 *
 * @param id that of its {@link SubscriberArrived}
 * @param user null for nobody in particular
 * @param address of the client
 * @param userAgent null if the client said none
 * @param node the name of the node that had the last stream
 * @param connectedAt when that stream was opened, by the clock of its node
 * @param responsible true on that node; if it is gone, on one of the others. For what is to be done once and not on every node;
 *     while a node fails it can be true nowhere or twice
 */
public record SubscriberLeft(
    String id,
    String user,
    String address,
    String userAgent,
    String node,
    Instant connectedAt,
    boolean responsible) {}
