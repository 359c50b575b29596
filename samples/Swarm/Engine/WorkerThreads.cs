// The threads that share the work of a frame. Part 0 is done by the thread that calls Run, part p by worker p; Run returns when all are done.
//
// Two meetings at a barrier a job: one to begin, one to end. Nothing is allocated after the start: a Barrier makes what its waiters sleep on when one of them first sleeps, which may be long after, so that all workers
// sleep at both meetings once before the first job. An exception in a worker is thrown by Run.

using System;
using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Threading;

namespace Swarm.Engine;

internal interface IJob
{
    void Run(int part);
}

internal sealed class WorkerThreads : IDisposable
{
    private readonly Barrier _barrier;
    private readonly Thread[] _workers;
    private IJob? _job;
    private Exception? _failure;

    public WorkerThreads(int parts)
    {
        Parts = parts;
        _barrier = new Barrier(parts);
        _workers = new Thread[parts - 1];
        for (int i = 0; i < _workers.Length; i++)
        {
            int part = i + 1;
            _workers[i] = new Thread(() => Work(part)) { Name = string.Create(CultureInfo.InvariantCulture, $"Swarm worker {part}"), IsBackground = true };
            _workers[i].Start();
        }

        AwaitSleep(_workers);
        Run(new Rest(_workers));
    }

    public int Parts { get; }

    public void Run(IJob job)
    {
        if (Parts == 1)
        {
            job.Run(0);
            return;
        }

        _job = job;
        _barrier.SignalAndWait();
        Do(job, 0);
        _barrier.SignalAndWait();
        if (_failure is Exception failure)
        {
            _failure = null;
            ExceptionDispatchInfo.Throw(failure);
        }
    }

    public void Dispose()
    {
        if (Parts > 1)
        {
            _job = null;
            _barrier.SignalAndWait();
            foreach (Thread worker in _workers)
            {
                worker.Join();
            }
        }

        _barrier.Dispose();
    }

    private void Work(int part)
    {
        _barrier.SignalAndWait();
        while (_job is IJob job)
        {
            Do(job, part);
            _barrier.SignalAndWait();
            _barrier.SignalAndWait();
        }
    }

    private static void AwaitSleep(Thread[] workers)
    {
        foreach (Thread worker in workers)
        {
            while (!worker.ThreadState.HasFlag(ThreadState.WaitSleepJoin))
            {
                Thread.Sleep(1);
            }
        }
    }

    // Whatever happens, the others wait at the barrier.
    private void Do(IJob job, int part)
    {
        try
        {
            job.Run(part);
        }
#pragma warning disable CA1031 // Thrown again by Run, on the thread that called it.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            _ = Interlocked.CompareExchange(ref _failure, failure, null);
        }
    }

    private sealed class Rest(Thread[] workers) : IJob
    {
        public void Run(int part)
        {
            if (part == 0)
            {
                AwaitSleep(workers);
            }
        }
    }
}
