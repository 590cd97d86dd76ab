package io.samband.event;

import java.time.Instant;

/**
 * A client has opened a stream, at this node or at another one of the same log. Fired by CDI on every node, for
 * {@code @ObservesAsync}: one after the other, {@link SubscriberLeft} after it, outside of the threads that deliver.
 *
 * <p>Each is followed by one {@link SubscriberLeft} with the same id, unless this node ends first. A client that closes its
 * stream and opens another one, here or at another node, within five seconds causes neither of them. A node that starts
 * fires one for each client that is there.
 *
 * <p>A stream with the same user, address and User-Agent as one that is still open may be that of a client which has moved.
 * It is told if both are still open after a while (two intervals of keepalives and five seconds).
 *
 * @param id of this arrival, as this node counts; another node has another one
 * @param user null for nobody in particular
 * @param address of the client
 * @param userAgent null if the client says none
 * @param node the name of the node that has the stream
 * @param connectedAt by the clock of that node
 * @param responsible true on the node that has the stream. For what is to be done once and not on every node; while a node fails
 *     it can be true nowhere or twice
 */
public record SubscriberArrived(
    String id,
    String user,
    String address,
    String userAgent,
    String node,
    Instant connectedAt,
    boolean responsible) {}
