package dev.tokenbus.local;

import dev.tokenbus.ingress.IngressApp;
import dev.tokenbus.ingress.IngressSettings;
import dev.tokenbus.projections.ProjectionsApp;
import dev.tokenbus.projections.ProjectionsSettings;
import dev.tokenbus.router.MeteringApp;
import dev.tokenbus.router.MeteringSettings;
import dev.tokenbus.router.RouterApp;
import dev.tokenbus.router.RouterSettings;
import dev.tokenbus.runtime.AppContext;
import dev.tokenbus.workers.WorkerApp;
import dev.tokenbus.workers.WorkerSettings;
import java.util.function.UnaryOperator;

/** The apps as parts of a process. Their settings come from the environment of the context. */
final class Apps {
  private Apps() {}

  static Part ingress(AppContext context, UnaryOperator<IngressSettings> change) {
    return new Part(
        "ingress",
        () -> {
          IngressApp app =
              IngressApp.start(context, change.apply(IngressSettings.from(context.addresses())));
          return new RunningPart("ingress", app.url().toString(), app::ready, app::close);
        });
  }

  static Part router(AppContext context) {
    return new Part(
        "router",
        () -> {
          RouterApp app = RouterApp.start(context, RouterSettings.from(context.addresses()));
          return new RunningPart("router", "", app::ready, app::close);
        });
  }

  static Part metering(AppContext context) {
    return new Part(
        "metering",
        () -> {
          MeteringApp app = MeteringApp.start(context, MeteringSettings.from(context.addresses()));
          return new RunningPart("metering", "", app::ready, app::close);
        });
  }

  static Part worker(AppContext context) {
    return new Part(
        "worker",
        () -> {
          WorkerApp app = WorkerApp.start(context, WorkerSettings.from(context.addresses()));
          return new RunningPart("worker", "", app::ready, app::close);
        });
  }

  static Part projections(AppContext context) {
    return new Part(
        "projections",
        () -> {
          ProjectionsApp app =
              ProjectionsApp.start(context, ProjectionsSettings.from(context.addresses()));
          return new RunningPart("projections", "", app::ready, app::close);
        });
  }
}
