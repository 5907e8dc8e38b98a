package dev.tokenbus.router.streams;

import dev.tokenbus.schemas.topics.Topic;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;

/**
 * Whether topics whose records meet in one task have the same number of partitions. Otherwise a
 * report would reach a task that does not know its request, and every request would be dispatched
 * again and again.
 */
public final class CoPartitioning {
  private static final long TIMEOUT_SECONDS = 30;

  private CoPartitioning() {}

  /**
   * Returns the common number of partitions.
   *
   * @throws IllegalStateException if the numbers differ, or the broker does not answer; the message
   *     says what to do
   */
  public static int require(Admin admin, List<Topic> topics) {
    Map<String, Integer> partitions = new TreeMap<>();
    try {
      for (Map.Entry<String, TopicDescription> topic :
          admin
              .describeTopics(topics.stream().map(Topic::name).toList())
              .allTopicNames()
              .get(TIMEOUT_SECONDS, TimeUnit.SECONDS)
              .entrySet()) {
        partitions.put(topic.getKey(), topic.getValue().partitions().size());
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("Cannot describe the router's topics", e.getCause());
    } catch (TimeoutException e) {
      throw new IllegalStateException(
          "The broker did not describe the router's topics in " + TIMEOUT_SECONDS + " s", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("Interrupted while describing the router's topics", e);
    }
    if (partitions.values().stream().distinct().count() > 1) {
      throw new IllegalStateException(
          "Topics "
              + String.join(", ", partitions.keySet())
              + " must have the same number of partitions, and have "
              + partitions
              + ": make them anew with equal numbers, or add partitions to those that have fewer"
              + " while no request is in flight");
    }
    return partitions.values().iterator().next();
  }
}
