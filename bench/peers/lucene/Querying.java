// SPDX-License-Identifier: MIT

import com.sun.management.OperatingSystemMXBean;
import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.management.CompilationMXBean;
import java.lang.management.ManagementFactory;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.StoredFields;
import org.apache.lucene.queryparser.classic.ParseException;
import org.apache.lucene.queryparser.classic.QueryParser;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.Query;
import org.apache.lucene.search.ScoreDoc;
import org.apache.lucene.search.TopDocs;
import org.apache.lucene.search.TopScoreDocCollectorManager;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

/**
 * Serves requests, one thread, no query cache. What is timed is from the query's text to the collected
 * result. Queries without rounds are repeated until they have stopped getting faster, so that what is timed
 * afterwards is compiled code.
 */
final class Querying implements Closeable {
    private static final long CALM_NS = 200_000_000L;
    private static final long WARM_NS = 2_000_000_000L; // of processor time, so that a busy machine warms as far
    private static final int SHOWN = 10;

    /** What a mode collects: no hits where {@code hits} is 0; the exact count if {@code counted}. */
    private enum Mode {
        COUNT(0, true), TOP_10(10, false), TOP_100(100, false), TOP_1000(1000, false), TOP_100_COUNT(100, true);

        final int hits;
        final boolean counted;

        Mode(int hits, boolean counted) {
            this.hits = hits;
            this.counted = counted;
        }
    }

    private record Result(long count, ScoreDoc[] hits) {
    }

    private final MMapDirectory directory;
    private final DirectoryReader reader;
    private final IndexSearcher searcher;
    private final QueryParser parser;
    private final long openNs;
    private final CompilationMXBean compiler = ManagementFactory.getCompilationMXBean();
    private final OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

    Querying(Path folder, Settings settings) throws IOException {
        long start = System.nanoTime();
        directory = new MMapDirectory(folder);
        reader = DirectoryReader.open(directory);
        searcher = new IndexSearcher(reader);
        searcher.setQueryCache(null);
        searcher.setSimilarity(settings.similarity());
        parser = new QueryParser(Settings.FIELD, settings.analyzer());
        openNs = System.nanoTime() - start;
    }

    void serve(InputStream requests, PrintStream out) throws IOException {
        out.printf("{\"engine\": \"lucene\", \"version\": \"%s\", \"open_ns\": %d}%n", Version.LATEST, openNs);
        out.flush();
        BufferedReader in = new BufferedReader(new InputStreamReader(requests, StandardCharsets.UTF_8));
        for (String line; (line = in.readLine()) != null;) {
            String[] head = line.split("\t");
            String[] queries = new String[Integer.parseInt(head[2])];
            for (int i = 0; i < queries.length; i++) {
                queries[i] = in.readLine();
            }
            batch(Mode.valueOf(head[0]), Integer.parseInt(head[1]), queries, out);
            out.flush();
        }
    }

    /** Times each round of the queries; with no rounds, warms up instead. */
    private void batch(Mode mode, int rounds, String[] queries, PrintStream out) throws IOException {
        if (rounds == 0) {
            warm(mode, queries);
        }
        long[][] times = new long[queries.length][rounds];
        for (int round = 0; round < rounds; round++) {
            for (int i = 0; i < queries.length; i++) {
                times[i][round] = time(mode, queries[i]);
            }
        }
        for (int i = 0; i < queries.length; i++) {
            try {
                out.println(answer(mode, search(mode, queries[i]), times[i]));
            } catch (ParseException e) {
                out.println("!\t" + e.getMessage().replaceAll("\\s+", " "));
            }
        }
    }

    /** Repeats the queries until neither the compiler finishes anything nor a round beats the best by 5 %. */
    private void warm(Mode mode, String[] queries) throws IOException {
        long spent = process.getProcessCpuTime();
        long end = System.nanoTime();
        long calmSince = end;
        long best = Long.MAX_VALUE;
        long compiled = -1;
        while (end - calmSince < CALM_NS && process.getProcessCpuTime() - spent < WARM_NS) {
            long round = 0;
            for (String query : queries) {
                round += time(mode, query);
            }
            end = System.nanoTime();
            if (compiler.getTotalCompilationTime() != compiled || round < best - best / 20) {
                calmSince = end;
            }
            compiled = compiler.getTotalCompilationTime();
            best = Math.min(best, round);
        }
    }

    private long time(Mode mode, String query) throws IOException {
        long start = System.nanoTime();
        try {
            search(mode, query);
        } catch (ParseException e) {
            return 0; // the answer says so
        }
        return System.nanoTime() - start;
    }

    private Result search(Mode mode, String text) throws IOException, ParseException {
        Query query = parser.parse(text);
        if (mode.hits == 0) {
            return new Result(searcher.count(query), new ScoreDoc[0]);
        }
        int exactTo = mode.counted ? Integer.MAX_VALUE : mode.hits;
        TopDocs top = searcher.search(query, new TopScoreDocCollectorManager(mode.hits, null, exactTo));
        return new Result(mode.counted ? top.totalHits.value() : top.scoreDocs.length, top.scoreDocs);
    }

    private String answer(Mode mode, Result result, long[] times) throws IOException {
        Arrays.sort(times);
        StringBuilder line = new StringBuilder();
        long median = times.length == 0 ? 0 : times[times.length / 2];
        line.append(result.count()).append('\t').append(median).append('\t').append(times.length == 0 ? 0 : times[0]);
        line.append('\t');
        StoredFields stored = reader.storedFields();
        for (int i = 0; i < Math.min(SHOWN, result.hits().length); i++) {
            ScoreDoc hit = result.hits()[i];
            line.append(i > 0 ? " " : "").append(stored.document(hit.doc).get("id"));
            line.append(':').append(sixDigits(hit.score));
        }
        return line.toString();
    }

    /** As C's %.6g writes a number of ordinary size. */
    private static String sixDigits(float score) {
        return new BigDecimal(score).round(new MathContext(6, RoundingMode.HALF_EVEN)).stripTrailingZeros()
                .toPlainString();
    }

    @Override
    public void close() throws IOException {
        reader.close();
        directory.close();
    }
}
