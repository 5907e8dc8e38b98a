package dev.tokenbus.bench.provider;

import dev.tokenbus.bench.provider.behaviour.Behaviour;
import dev.tokenbus.bench.provider.behaviour.ProviderFault;
import java.util.LinkedHashMap;
import java.util.Map;

/** Counts requests per model and prompt, for faults that strike only the first ones. */
final class FaultCounter {
  private static final int MOST = 100_000;

  private final Map<String, Integer> seen =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Integer> eldest) {
          return size() > MOST;
        }
      };

  /** The fault that this request meets. */
  ProviderFault strike(ChatRequest request, Behaviour behaviour) {
    if (behaviour.faultTimes() == 0) {
      return behaviour.fault();
    }
    String key = request.model() + '\n' + request.prompt();
    int times = seen.merge(key, 1, Integer::sum);
    return times <= behaviour.faultTimes() ? behaviour.fault() : new ProviderFault.None();
  }
}
