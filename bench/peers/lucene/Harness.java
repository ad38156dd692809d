// SPDX-License-Identifier: MIT

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Lucene in Quire's benchmark suite: {@code index CORPUS.jsonl DIR} builds an index and prints what it cost,
 * {@code query DIR} serves batches of queries and times them in process.
 */
final class Harness {
    static final String USAGE = "usage: harness index CORPUS.jsonl DIR | query DIR"
            + " [--k1 X] [--b Y] [--segments N] [--delete N] [--analyzer tokens|english] [--reorder bp]";

    private Harness() {
    }

    public static void main(String[] args) throws Exception {
        Logger.getLogger("org.apache.lucene").setLevel(Level.WARNING);
        PrintStream out = new PrintStream(new java.io.FileOutputStream(java.io.FileDescriptor.out), false,
                StandardCharsets.UTF_8);
        if (args.length >= 3 && args[0].equals("index")) {
            Settings settings = Settings.parse(args, 3);
            out.println(new Indexing(Path.of(args[1]), Path.of(args[2]), settings).run());
        } else if (args.length >= 2 && args[0].equals("query")) {
            try (Querying querying = new Querying(Path.of(args[1]), Settings.parse(args, 2))) {
                querying.serve(System.in, out);
            }
        } else {
            System.err.println(USAGE);
            System.exit(2);
        }
        out.flush();
    }
}
