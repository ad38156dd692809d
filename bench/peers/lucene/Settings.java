// SPDX-License-Identifier: MIT

import org.apache.lucene.analysis.Analyzer;
import org.apache.lucene.analysis.CharArraySet;
import org.apache.lucene.analysis.TokenStream;
import org.apache.lucene.analysis.Tokenizer;
import org.apache.lucene.analysis.core.WhitespaceTokenizer;
import org.apache.lucene.analysis.en.EnglishAnalyzer;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.util.AttributeFactory;

/** What the command line sets. {@code delete} is 0 where nothing is deleted. */
record Settings(float k1, float b, int segments, int delete, boolean english, boolean reorder) {
    /** The one searched field. */
    static final String FIELD = "text";

    static Settings parse(String[] args, int from) {
        float k1 = 1.2f;
        float b = 0.75f;
        int segments = 1;
        int delete = 0;
        boolean english = false;
        boolean reorder = false;
        for (int i = from; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            String value = args[i + 1];
            switch (args[i]) {
                case "--k1" -> k1 = Float.parseFloat(value);
                case "--b" -> b = Float.parseFloat(value);
                case "--segments" -> segments = Integer.parseInt(value);
                case "--delete" -> delete = Integer.parseInt(value);
                case "--analyzer" -> english = oneOf(value, "english", "tokens");
                case "--reorder" -> reorder = oneOf(value, "bp", "none");
                default -> throw new IllegalArgumentException("unknown setting " + args[i]);
            }
        }
        return new Settings(k1, b, segments, delete, english, reorder);
    }

    private static boolean oneOf(String value, String yes, String no) {
        if (!value.equals(yes) && !value.equals(no)) {
            throw new IllegalArgumentException("'" + value + "' is neither " + yes + " nor " + no);
        }
        return value.equals(yes);
    }

    BM25Similarity similarity() {
        return new BM25Similarity(k1, b);
    }

    /** Lucene's English analyser without its stop words, which no other engine leaves out; or a token for each run of
     * characters between blanks. */
    Analyzer analyzer() {
        if (english) {
            return new EnglishAnalyzer(CharArraySet.EMPTY_SET);
        }
        return new Analyzer() {
            @Override
            protected TokenStreamComponents createComponents(String field) {
                // The default length would cut a long token in two.
                Tokenizer words = new WhitespaceTokenizer(
                        AttributeFactory.DEFAULT_ATTRIBUTE_FACTORY, IndexWriter.MAX_TERM_LENGTH);
                return new TokenStreamComponents(words);
            }

            @Override
            protected TokenStream normalize(String field, TokenStream in) {
                return in;
            }
        };
    }
}
