package dev.tokenbus.cli.command;

import dev.tokenbus.cli.chat.ChatClient;
import dev.tokenbus.cli.chat.ChatFailedException;
import dev.tokenbus.cli.chat.ChatMessage;
import dev.tokenbus.cli.terminal.CommandFailedException;
import dev.tokenbus.cli.terminal.Session;
import dev.tokenbus.runtime.config.Addresses;
import dev.tokenbus.runtime.telemetry.Logging;
import java.io.Console;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tokenbus chat}. */
@Command(
    name = "chat",
    description = {
      "Stream an answer in the terminal.",
      "Without a prompt it is read from standard input; in a terminal, a conversation begins that ends with Ctrl-D."
    })
public final class ChatCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final HomeOption home = new HomeOption();

  @Option(
      names = {"-m", "--model"},
      paramLabel = "MODEL",
      defaultValue = "simulated",
      description = "Default: ${DEFAULT-VALUE}.")
  private String model = "";

  @Option(names = "--system", paramLabel = "TEXT", description = "What the model is told first.")
  private @Nullable String system;

  @Parameters(paramLabel = "PROMPT", arity = "0..*", description = "Words of one prompt.")
  private List<String> prompt = new ArrayList<>();

  /** Does nothing yet. */
  public ChatCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws InterruptedException, IOException {
    Logging.toStandardError(session.verbose());
    Addresses addresses = home.addresses(session);
    List<ChatMessage> conversation = new ArrayList<>();
    if (system != null) {
      conversation.add(new ChatMessage("system", system));
    }
    try (ChatClient client =
        new ChatClient(addresses.require(Addresses.URL), addresses.require(Addresses.API_KEY))) {
      Optional<Console> terminal = terminal();
      if (!prompt.isEmpty()) {
        ask(client, conversation, String.join(" ", prompt));
      } else if (terminal.isPresent()) {
        converse(client, conversation, terminal.get());
      } else {
        ask(
            client,
            conversation,
            new String(session.in().readAllBytes(), StandardCharsets.UTF_8).strip());
      }
    } catch (ChatFailedException e) {
      throw new CommandFailedException(String.valueOf(e.getMessage()), e);
    }
    return ExitCode.OK;
  }

  /** Null again since JDK 25 where there is no terminal (JDK-8351435), never null in 22 to 24. */
  @SuppressWarnings("SystemConsoleNull")
  private static Optional<Console> terminal() {
    return Optional.ofNullable(System.console()).filter(Console::isTerminal);
  }

  private void converse(ChatClient client, List<ChatMessage> conversation, Console console)
      throws InterruptedException {
    String line;
    while ((line = console.readLine("> ")) != null) {
      if (!line.isBlank()) {
        try {
          ask(client, conversation, line);
        } catch (ChatFailedException e) {
          conversation.removeLast(); // the question may be asked again
          session.err().println("tokenbus: " + e.getMessage());
        }
      }
    }
  }

  private void ask(ChatClient client, List<ChatMessage> conversation, String question)
      throws InterruptedException {
    if (question.isEmpty()) {
      throw new CommandFailedException("there is no prompt");
    }
    conversation.add(new ChatMessage("user", question));
    String answer =
        client.ask(
            model,
            conversation,
            piece -> {
              session.out().print(piece);
              session.out().flush();
            });
    session.out().println();
    conversation.add(new ChatMessage("assistant", answer));
  }
}
