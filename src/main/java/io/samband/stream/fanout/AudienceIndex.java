package io.samband.stream.fanout;

import io.samband.log.EventFilter;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds which of some frames a subscriber sees without looking at each frame: with thousands of subscribers and hundreds of
 * frames, each for another user, that would take longer than writing them. Used by one thread at a time.
 */
final class AudienceIndex {
  private final List<Frame> frames;
  private final BitSet forEverybody = new BitSet();
  private final Map<String, BitSet> byAttribute = new HashMap<>();

  // Made once: this is asked for every subscriber.
  private final BitSet visible = new BitSet();

  AudienceIndex(List<Frame> frames) {
    this.frames = frames;
    for (int i = 0; i < frames.size(); i++) {
      var audience = frames.get(i).header().audience();
      if (audience.isEverybody()) {
        forEverybody.set(i);
      }
      for (String attribute : audience.attributes()) {
        byAttribute.computeIfAbsent(attribute, unused -> new BitSet()).set(i);
      }
    }
  }

  /** The positions of the frames that a filter with attributes takes. Valid until the next call; must not be changed. */
  BitSet visibleTo(EventFilter filter) {
    visible.clear();
    addCandidates(filter.attributes());
    // The index only finds candidates. The filter decides, as it does everywhere.
    for (int i = visible.nextSetBit(0); i >= 0; i = visible.nextSetBit(i + 1)) {
      if (!filter.takes(frames.get(i).header())) {
        visible.clear(i);
      }
    }
    visible.or(forEverybody);
    return visible;
  }

  private void addCandidates(Set<String> attributes) {
    if (attributes.size() <= byAttribute.size()) {
      for (String attribute : attributes) {
        BitSet addressed = byAttribute.get(attribute);
        if (addressed != null) {
          visible.or(addressed);
        }
      }
    } else {
      byAttribute.forEach((attribute, addressed) -> {
        if (attributes.contains(attribute)) {
          visible.or(addressed);
        }
      });
    }
  }
}
