// The workers that are measured together: started one after the other, asked in turn, A B C A B C, and ended together, whatever
// happens in between. While one works the others sleep with what they hold.

using System;
using System.Collections.Generic;
using System.Linq;

namespace NativeHeap.Benchmarks.Measuring;

internal sealed class WorkerGroup<TMember> : IDisposable
    where TMember : notnull
{
    private readonly List<(TMember Member, WorkerProcess Worker)> _workers = [];

    public WorkerGroup(IEnumerable<TMember> members, Func<TMember, WorkerProcess> start)
    {
        try
        {
            foreach (TMember member in members)
            {
                _workers.Add((member, start(member)));
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>One turn: each worker once.</summary>
    public void ForEach(Action<TMember, WorkerProcess> ask)
    {
        foreach ((TMember member, WorkerProcess worker) in _workers)
        {
            ask(member, worker);
        }
    }

    /// <summary>The same request to all at once; their answers, null of a worker that has died.</summary>
    public IReadOnlyList<string?> AskAll(string request)
    {
        ForEach((_, worker) => worker.Send(request));
        return [.. _workers.Select(worker => worker.Worker.Receive())];
    }

    public void Dispose()
    {
        foreach ((_, WorkerProcess worker) in _workers)
        {
            worker.Dispose();
        }
    }
}
