// SPDX-License-Identifier: MIT

import java.io.IOException;
import org.apache.lucene.store.Directory;
import org.apache.lucene.store.FilterDirectory;
import org.apache.lucene.store.FilterIndexOutput;
import org.apache.lucene.store.IOContext;
import org.apache.lucene.store.IndexOutput;

/** Counts the bytes that are written to a directory, those of files that are gone again included. */
final class CountingDirectory extends FilterDirectory {
    private long written;

    CountingDirectory(Directory in) {
        super(in);
    }

    long written() {
        return written;
    }

    @Override
    public IndexOutput createOutput(String name, IOContext context) throws IOException {
        return counting(super.createOutput(name, context));
    }

    @Override
    public IndexOutput createTempOutput(String prefix, String suffix, IOContext context) throws IOException {
        return counting(super.createTempOutput(prefix, suffix, context));
    }

    private IndexOutput counting(IndexOutput file) {
        return new FilterIndexOutput("counting " + file, file.getName(), file) {
            @Override
            public void close() throws IOException {
                written += getFilePointer();
                super.close();
            }
        };
    }
}
