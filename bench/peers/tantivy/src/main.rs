// SPDX-License-Identifier: MIT
//! Tantivy behind the protocol of bench/README.md: `index CORPUS DIR ...` and `query DIR ...`.
//!
//! One indexing thread with a budget of 256 MB, merged to one segment; the query parser, collectors and
//! BM25 (k1 1.2, b 0.75, which it does not let one set) are Tantivy's own.
use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::time::Instant;

use serde_json::{json, Value};
use tantivy::collector::{Count, TopDocs};
use tantivy::indexer::{IndexWriterOptions, NoMergePolicy};
use tantivy::query::QueryParser;
use tantivy::schema::{
    Field, IndexRecordOption, Schema, TantivyDocument, TextFieldIndexing, TextOptions, Value as _,
    STORED, STRING,
};
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{DocAddress, Index, IndexWriter, Score, Searcher, Term};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const BUDGET: usize = 256 << 20;
const BUDGET_OF_PARTS: usize = 4000 << 20; // so that a part becomes one segment

struct Options {
    english: bool,
    segments: usize,
    delete: usize,
}

/// What follows the positional arguments; `Err` for a setting that Tantivy does not have.
fn options(args: &[String]) -> Result<Options, String> {
    let mut given = Options { english: false, segments: 1, delete: 0 };
    for pair in args.chunks(2) {
        let value = pair.get(1).map(String::as_str).unwrap_or("");
        let fixed = |standard: f64| value.parse::<f64>().map(|v| v == standard).unwrap_or(false);
        match pair[0].as_str() {
            "--k1" if fixed(1.2) => {}
            "--b" if fixed(0.75) => {}
            "--k1" | "--b" => return Err("k1 and b are constants of Tantivy: 1.2 and 0.75".into()),
            "--segments" => given.segments = value.parse().map_err(|_| "bad --segments")?,
            "--delete" => given.delete = value.parse().map_err(|_| "bad --delete")?,
            "--analyzer" => given.english = value == "english",
            other => return Err(format!("no option {other}")),
        }
    }
    Ok(given)
}

fn schema(english: bool) -> (Schema, Field, Field) {
    let mut builder = Schema::builder();
    let id = builder.add_text_field("id", STRING | STORED);
    let indexing = TextFieldIndexing::default()
        .set_tokenizer(if english { "en_stem" } else { "spaces" })
        .set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let text = builder.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    (builder.build(), id, text)
}

fn register(index: &Index) {
    let spaces = TextAnalyzer::builder(WhitespaceTokenizer::default()).build();
    index.tokenizers().register("spaces", spaces);
}

fn writer(index: &Index, given: &Options) -> tantivy::Result<IndexWriter> {
    let budget = if given.segments > 1 { BUDGET_OF_PARTS } else { BUDGET };
    let tuning = IndexWriterOptions::builder()
        .memory_budget_per_thread(budget)
        .num_worker_threads(1)
        .num_merge_threads(1)
        .build();
    let writer: IndexWriter = index.writer_with_options(tuning)?;
    writer.set_merge_policy(Box::new(NoMergePolicy));
    Ok(writer)
}

/// The text of a line: `text` alone, or title and text for the English analyser.
fn text_of(line: &Value, english: bool) -> String {
    let text = line["text"].as_str().unwrap_or("");
    match line["title"].as_str() {
        Some(title) if english => format!("{title}\n{text}"),
        _ => text.to_string(),
    }
}

struct Built {
    ids: Vec<String>,
    bytes: u64,
}

fn add_all(
    corpus: &str, writer: &mut IndexWriter, given: &Options, id: Field, text: Field,
) -> Outcome<Built> {
    let lines = if given.segments > 1 { BufReader::new(fs::File::open(corpus)?).lines().count() } else { 0 };
    let mut built = Built { ids: Vec::new(), bytes: 0 };
    let (mut count, mut part) = (0, 1);
    for line in BufReader::with_capacity(1 << 20, fs::File::open(corpus)?).lines() {
        let line: Value = serde_json::from_str(&line?)?;
        let words = text_of(&line, given.english);
        let name = line["id"].as_str().unwrap_or("");
        built.bytes += words.len() as u64;
        if given.delete != 0 && count % 20 == 7 {
            built.ids.push(name.to_string());
        }
        let mut document = TantivyDocument::default();
        document.add_text(id, name);
        document.add_text(text, &words);
        writer.add_document(document)?;
        count += 1;
        if given.segments > 1 && count == lines * part / given.segments {
            writer.commit()?;
            part += 1;
        }
    }
    writer.commit()?;
    Ok(built)
}

fn usage() -> libc::rusage {
    unsafe {
        let mut usage: libc::rusage = std::mem::zeroed();
        libc::getrusage(libc::RUSAGE_SELF, &mut usage);
        usage
    }
}

fn cpu_seconds() -> f64 {
    let used = usage();
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    seconds(used.ru_utime) + seconds(used.ru_stime)
}

fn folder_bytes(dir: &str) -> io::Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(dir)? {
        sum += entry?.metadata()?.len();
    }
    Ok(sum)
}

/// Bytes by kind of file: the name's ending.
fn parts(dir: &str) -> io::Result<Value> {
    let mut sums = serde_json::Map::new();
    for entry in fs::read_dir(dir)? {
        let entry = entry?;
        let path = entry.path();
        let kind = path.extension().and_then(|e| e.to_str()).unwrap_or("other").to_string();
        let before = sums.get(&kind).and_then(Value::as_u64).unwrap_or(0);
        sums.insert(kind, json!(before + entry.metadata()?.len()));
    }
    Ok(Value::Object(sums))
}

fn build(corpus: &str, dir: &str, given: &Options) -> Outcome<()> {
    let _ = fs::remove_dir_all(dir);
    fs::create_dir_all(dir)?;
    let (started, cpu) = (Instant::now(), cpu_seconds());
    let (schema, id, text) = schema(given.english);
    let index = Index::create_in_dir(Path::new(dir), schema)?;
    register(&index);
    let mut writer = writer(&index, given)?;
    let built = add_all(corpus, &mut writer, given, id, text)?;
    let segments = index.searchable_segment_ids()?;
    if given.segments == 1 && segments.len() > 1 {
        writer.merge(&segments).wait()?;
    }
    for name in &built.ids {
        writer.delete_term(Term::from_field_text(id, name));
    }
    if !built.ids.is_empty() {
        writer.commit()?;
    }
    writer.garbage_collect_files().wait()?;
    writer.wait_merging_threads()?;
    let searcher = index.reader()?.searcher();
    let (cpu, wall) = (cpu_seconds() - cpu, started.elapsed().as_secs_f64());
    println!("{}", json!({
        "engine": "tantivy", "version": version(), "documents": searcher.num_docs(),
        "text_bytes": built.bytes, "cpu_seconds": cpu, "wall_seconds": wall,
        "peak_kb": usage().ru_maxrss, "bytes": folder_bytes(dir)?, "parts": parts(dir)?,
        "segments": searcher.segment_readers().len(),
    }));
    Ok(())
}

fn version() -> &'static str {
    env!("TANTIVY_VERSION")
}

struct Engine {
    searcher: Searcher,
    parser: QueryParser,
    id: Field,
}

type Hits = Vec<(Score, DocAddress)>;

fn open(dir: &str, english: bool) -> Outcome<Engine> {
    let index = Index::open_in_dir(dir)?;
    register(&index);
    let (_, id, text) = schema(english);
    let searcher = index.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?.searcher();
    Ok(Engine { searcher, parser: QueryParser::for_index(&index, vec![text]), id })
}

/// Exact count where the mode asks for it, else the number of hits; and the hits.
fn search(engine: &Engine, mode: &str, query: &str) -> Outcome<(usize, Hits)> {
    let query = engine.parser.parse_query(query)?;
    let top = |limit| TopDocs::with_limit(limit).order_by_score();
    let searcher = &engine.searcher;
    let hits = match mode {
        "COUNT" => return Ok((query.count(searcher)?, Vec::new())),
        "TOP_100_COUNT" => {
            let (hits, count) = searcher.search(&query, &(top(100), Count))?;
            return Ok((count, hits));
        }
        "TOP_10" => searcher.search(&query, &top(10))?,
        "TOP_100" => searcher.search(&query, &top(100))?,
        "TOP_1000" => searcher.search(&query, &top(1000))?,
        _ => return Err(format!("no mode {mode}").into()),
    };
    Ok((hits.len(), hits))
}

fn describe(engine: &Engine, hits: &Hits) -> Outcome<String> {
    let mut names = Vec::new();
    for (score, address) in hits.iter().take(10) {
        let document: TantivyDocument = engine.searcher.doc(*address)?;
        let name = document.get_first(engine.id).and_then(|v| v.as_str().map(str::to_string));
        names.push(format!("{}:{:.6}", name.unwrap_or_default(), score));
    }
    Ok(names.join(" "))
}

fn answer(engine: &Engine, mode: &str, query: &str, times: &mut [u64]) -> Outcome<String> {
    times.sort_unstable();
    let (count, hits) = search(engine, mode, query)?;
    let median = times.get(times.len() / 2).copied().unwrap_or(0);
    let least = times.first().copied().unwrap_or(0);
    Ok(format!("{count}\t{median}\t{least}\t{}", describe(engine, &hits)?))
}

/// Serve one request, whose queries have been read.
fn run(engine: &Engine, mode: &str, repeat: usize, queries: &[String], out: &mut impl Write) -> Outcome<()> {
    let mut times = vec![Vec::with_capacity(repeat); queries.len()];
    for _ in 0..repeat {
        for (query, spent) in queries.iter().zip(times.iter_mut()) {
            let start = Instant::now();
            let result = search(engine, mode, query);
            spent.push(start.elapsed().as_nanos() as u64);
            drop(result);
        }
    }
    for (query, spent) in queries.iter().zip(times.iter_mut()) {
        match answer(engine, mode, query, spent) {
            Ok(line) => writeln!(out, "{line}")?,
            Err(why) => writeln!(out, "!\t{}", why.to_string().replace('\n', " "))?,
        }
    }
    Ok(out.flush()?)
}

fn serve(dir: &str, given: &Options) -> Outcome<()> {
    let start = Instant::now();
    let engine = open(dir, given.english)?;
    let open_ns = start.elapsed().as_nanos() as u64;
    let mut out = io::BufWriter::new(io::stdout().lock());
    writeln!(out, "{}", json!({"engine": "tantivy", "version": version(), "open_ns": open_ns}))?;
    out.flush()?;
    let mut lines = io::stdin().lock().lines();
    while let Some(head) = lines.next() {
        let head = head?;
        let mut words = head.split('\t');
        let mode = words.next().unwrap_or("").to_string();
        let repeat = words.next().unwrap_or("1").parse()?;
        let count: usize = words.next().unwrap_or("0").parse()?;
        let queries = lines.by_ref().take(count).collect::<io::Result<Vec<_>>>()?;
        run(&engine, &mode, repeat, &queries, &mut out)?;
    }
    Ok(())
}

fn main() -> Outcome<()> {
    let args: Vec<String> = std::env::args().collect();
    let verb = args.get(1).map(String::as_str).unwrap_or("");
    let positional = if verb == "index" { 4 } else { 3 };
    if args.len() < positional || !["index", "query"].contains(&verb) {
        eprintln!("usage: quire-bench-tantivy index CORPUS DIR [OPTION VALUE]... | query DIR [OPTION VALUE]...");
        std::process::exit(2);
    }
    match options(&args[positional..]) {
        Err(why) => {
            println!("{}", json!({ "unsupported": why }));
            std::process::exit(3);
        }
        Ok(given) if verb == "index" => build(&args[2], &args[3], &given),
        Ok(given) => serve(&args[2], &given),
    }
}
