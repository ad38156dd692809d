// SPDX-License-Identifier: MIT

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.apache.lucene.util.UnicodeUtil;

/** Reads a file of JSON lines document by document. */
final class Corpus implements Closeable {
    private final JsonParser json;
    private String id;
    private String title;
    private String text;
    private long documents;
    private long textBytes;

    Corpus(Path path) throws IOException {
        json = new JsonFactory().createParser(path.toFile());
    }

    static long count(Path path) throws IOException {
        try (Stream<String> lines = Files.lines(path)) {
            return lines.count();
        }
    }

    /** Goes to the next document; false past the last. */
    boolean next() throws IOException {
        if (json.nextToken() != JsonToken.START_OBJECT) {
            return false;
        }
        id = title = text = "";
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            switch (name) {
                case "id" -> id = json.getText();
                case "title" -> title = json.getText();
                case "text" -> text = json.getText();
                default -> json.skipChildren();
            }
        }
        documents++;
        textBytes += UnicodeUtil.calcUTF16toUTF8Length(title, 0, title.length());
        textBytes += UnicodeUtil.calcUTF16toUTF8Length(text, 0, text.length());
        return true;
    }

    String id() {
        return id;
    }

    String title() {
        return title;
    }

    String text() {
        return text;
    }

    /** How many documents were read. */
    long documents() {
        return documents;
    }

    /** The bytes of UTF-8 in their titles and texts. */
    long textBytes() {
        return textBytes;
    }

    @Override
    public void close() throws IOException {
        json.close();
    }
}
