// SPDX-License-Identifier: MIT

import com.sun.management.OperatingSystemMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.IndexWriterConfig.OpenMode;
import org.apache.lucene.index.MergePolicy;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.SerialMergeScheduler;
import org.apache.lucene.index.Term;
import org.apache.lucene.index.TieredMergePolicy;
import org.apache.lucene.misc.index.BPIndexReorderer;
import org.apache.lucene.misc.index.BPReorderingMergePolicy;
import org.apache.lucene.store.MMapDirectory;
import org.apache.lucene.util.Version;

/**
 * Builds an index from JSON lines. One thread adds and merges; the clock starts when main does, so that the
 * virtual machine's own start is left out, while its collector and compiler threads are counted.
 *
 * <p>One segment: flushes at 256 MB of pending postings, then a forced merge. Several: the merge policy does
 * nothing, and a flush ends each segment after its equal share of documents.
 */
final class Indexing {
    private static final double PENDING_MB = 256;
    private static final double PENDING_MB_OF_SHARE = 1024;
    private static final int DELETED_REMAINDER = 7;
    private static final Map<String, String> PARTS = Map.of(
            "tim", "terms", "tip", "terms", "tmd", "terms", "doc", "docs", "pos", "positions",
            "nvd", "norms", "fdt", "stored", "fdx", "stored", "liv", "deleted");

    private final Path corpus;
    private final Path folder;
    private final Settings settings;
    private final List<Term> doomed = new ArrayList<>();
    private long documents;
    private long textBytes;

    Indexing(Path corpus, Path folder, Settings settings) {
        this.corpus = corpus;
        this.folder = folder;
        this.settings = settings;
    }

    /** Builds, and returns the line of JSON that says what it cost. */
    String run() throws IOException {
        OperatingSystemMXBean process = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        long cpu = process.getProcessCpuTime();
        long wall = System.nanoTime();
        long written = build();
        wall = System.nanoTime() - wall;
        cpu = process.getProcessCpuTime() - cpu;
        Map<String, Long> parts = parts();
        return String.format(Locale.ROOT,
                "{\"engine\": \"lucene\", \"version\": \"%s\", \"documents\": %d, \"text_bytes\": %d,"
                        + " \"cpu_seconds\": %.3f, \"wall_seconds\": %.3f, \"peak_kb\": %d, \"bytes\": %d,"
                        + " \"bytes_written\": %d, \"parts\": {%s}}",
                Version.LATEST, documents, textBytes, cpu / 1e9, wall / 1e9, peakKilobytes(),
                parts.values().stream().mapToLong(Long::longValue).sum(), written,
                parts.entrySet().stream().map(e -> "\"" + e.getKey() + "\": " + e.getValue())
                        .collect(Collectors.joining(", ")));
    }

    private long build() throws IOException {
        CountingDirectory directory = new CountingDirectory(new MMapDirectory(folder));
        try (directory; IndexWriter writer = new IndexWriter(directory, config())) {
            add(writer);
            if (settings.segments() == 1) {
                writer.forceMerge(1);
            }
            writer.commit();
            writer.getConfig().setMergePolicy(NoMergePolicy.INSTANCE); // deleted documents are to stay
            writer.deleteDocuments(doomed.toArray(Term[]::new));
            writer.commit();
            documents = writer.getDocStats().numDocs;
        }
        return directory.written();
    }

    private IndexWriterConfig config() {
        MergePolicy policy = NoMergePolicy.INSTANCE;
        if (settings.segments() == 1) {
            policy = new TieredMergePolicy();
            policy.setNoCFSRatio(0); // a file for each part, to tell their sizes
        }
        if (settings.reorder()) {
            BPReorderingMergePolicy reordering =
                    new BPReorderingMergePolicy(policy, new BPIndexReorderer());
            reordering.setMinNaturalMergeNumDocs(Integer.MAX_VALUE); // the forced merge alone reorders
            policy = reordering;
        }
        return new IndexWriterConfig(settings.analyzer())
                .setOpenMode(OpenMode.CREATE)
                .setSimilarity(settings.similarity())
                .setRAMBufferSizeMB(settings.segments() == 1 ? PENDING_MB : PENDING_MB_OF_SHARE)
                .setUseCompoundFile(false)
                .setMergeScheduler(new SerialMergeScheduler())
                .setMergePolicy(policy);
    }

    private void add(IndexWriter writer) throws IOException {
        long total = settings.segments() > 1 ? Corpus.count(corpus) : 0;
        Document document = new Document();
        StringField id = new StringField("id", "", Field.Store.YES);
        TextField title = new TextField(Settings.FIELD, "", Field.Store.NO);
        TextField text = new TextField(Settings.FIELD, "", Field.Store.NO);
        document.add(id);
        if (settings.english()) {
            document.add(title);
        }
        document.add(text);
        try (Corpus in = new Corpus(corpus)) {
            while (in.next()) {
                id.setStringValue(in.id());
                title.setStringValue(in.title());
                text.setStringValue(in.text());
                writer.addDocument(document);
                if (settings.delete() > 0
                        && (in.documents() - 1) % settings.delete() == DELETED_REMAINDER) {
                    doomed.add(new Term("id", in.id()));
                }
                if (endsSegment(in.documents(), total)) {
                    writer.flush();
                }
            }
            textBytes = in.textBytes();
        }
    }

    private boolean endsSegment(long added, long total) {
        if (settings.segments() == 1) {
            return settings.reorder() && added == 1; // one segment alone would not be merged
        }
        long segments = settings.segments();
        return added * segments / total != (added - 1) * segments / total;
    }

    /** Bytes of the index's files by what is in them. */
    private Map<String, Long> parts() throws IOException {
        Map<String, Long> parts = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                String part = PARTS.getOrDefault(name.substring(name.lastIndexOf('.') + 1), "other");
                parts.merge(part, Files.size(file), Long::sum);
            }
        }
        try (MMapDirectory built = new MMapDirectory(folder);
                DirectoryReader reader = DirectoryReader.open(built)) {
            if (reader.leaves().size() != settings.segments()) {
                throw new IllegalStateException(reader.leaves().size() + " segments came about");
            }
        }
        return parts;
    }

    private static long peakKilobytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmHWM:")) {
                return Long.parseLong(line.replaceAll("[^0-9]", ""));
            }
        }
        return 0;
    }
}
