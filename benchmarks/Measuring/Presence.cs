// Which subjects can run here. A peer is asked in a worker, since loading a library is what may fail, and a failed or
// half-loaded one must not stay in the process that measures on.

using System;
using System.Collections.Generic;
using System.Linq;

using NativeHeap.Benchmarks.Results;
using NativeHeap.Benchmarks.Subjects;

namespace NativeHeap.Benchmarks.Measuring;

internal static class Presence
{
    /// <summary>What a worker of any command is started with to be asked: the verb, then the subject's name.</summary>
    public const string Verb = "probe";

    /// <summary>The subjects that can run here, their versions noted; one line says how to get the others.</summary>
    public static List<Subject> Find(IReadOnlyCollection<Subject> wanted, Dictionary<string, string> versions)
    {
        List<Subject> present = [];
        foreach (Subject subject in wanted)
        {
            if (subject.Role != Role.Peer)
            {
                present.Add(subject);
                continue;
            }

            using WorkerProcess worker = WorkerProcess.Start(Verb, subject.Name);
            if (worker.Receive() is string version)
            {
                versions[subject.Name] = version;
                present.Add(subject);
            }
        }

        Subject[] missing = [.. wanted.Except(present)];
        if (missing.Length > 0)
        {
            string packages = string.Join(' ', missing.Select(subject => subject.Package).OfType<string>());
            Console.Error.WriteLine($"Missing: {string.Join(", ", missing.Select(subject => subject.Name))} (apt-get install {packages}); goals stay unmet without them.");
        }

        return present;
    }

    /// <summary>The worker's side: answers with the subject's version, or not at all.</summary>
    public static void Probe(string subject)
    {
        try
        {
            string version = subject switch
            {
                Subject.MimallocName => Functions<Mimalloc>.Version,
                Subject.JemallocName => Functions<Jemalloc>.Version,
                Subject.TcmallocName => Functions<Tcmalloc>.Version,
                Subject.ObjectPoolName => Machine.VersionOf(typeof(Microsoft.Extensions.ObjectPool.ObjectPool)),
                _ => "in .NET",
            };
            Console.WriteLine(version);
        }
        catch (TypeInitializationException missing) when (missing.InnerException is DllNotFoundException or EntryPointNotFoundException)
        {
            // No answer: the subject is not there.
        }
    }
}
